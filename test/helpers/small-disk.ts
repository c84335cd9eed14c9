import { execFile } from 'node:child_process'
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { createTempFolder } from './temp-folder.ts'

const execute = promisify(execFile)

/** A folder whose disk can be filled. Disposing of it removes all that is in it. */
export interface SmallDisk extends AsyncDisposable {
  readonly path: string
  /** From now on, writes fail for want of space; `writer` is the process that writes, if it is not this one. */
  fill(writer?: number): Promise<void>
  free(writer?: number): Promise<void>
}

/**
 * A file system in memory. Where mounting is not permitted: a folder, and a limit on the size of the files that the
 * writer writes, beyond which writes fail as well.
 */
export async function createSmallDisk(megabytes = 8): Promise<SmallDisk> {
  const folder = await createTempFolder()
  try {
    await execute('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', folder.path])
  } catch {
    return limited(folder)
  }
  const filler = join(folder.path, 'filler')
  return {
    path: folder.path,
    fill: () => fillUp(filler),
    free: () => rm(filler),
    [Symbol.asyncDispose]: async () => {
      await execute('umount', [folder.path])
      await folder[Symbol.asyncDispose]()
    }
  }
}

async function fillUp(filler: string): Promise<void> {
  try {
    for (;;) await writeFile(filler, new Uint8Array(65_536), { flag: 'a' })
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error
  }
}

function limited(folder: AsyncDisposable & { readonly path: string }): SmallDisk {
  return {
    path: folder.path,
    fill: writer => limitFileSize('65536', writer),
    free: writer => limitFileSize('unlimited', writer),
    [Symbol.asyncDispose]: async () => {
      await limitFileSize('unlimited')
      await folder[Symbol.asyncDispose]()
    }
  }
}

/** Beyond so many octets, or `unlimited`, every write of the process to a file fails (EFBIG). */
export async function limitFileSize(octets: string, writer = process.pid): Promise<void> {
  await execute('prlimit', ['--pid', String(writer), `--fsize=${octets}:`])
}
