import { execFile } from 'node:child_process'
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { createTempFolder } from './temp-folder.ts'

const execute = promisify(execFile)

/** A folder whose disk can be filled. Disposing of it removes all that is in it. */
export interface SmallDisk extends AsyncDisposable {
  readonly path: string
  /** From now on, writes fail for want of space. */
  fill(): Promise<void>
  free(): Promise<void>
}

/**
 * A file system in memory of 8 MB. Where mounting is not permitted: a folder, and a limit on the size of the files that
 * this process writes, beyond which writes fail as well.
 */
export async function createSmallDisk(): Promise<SmallDisk> {
  const folder = await createTempFolder()
  try {
    await execute('mount', ['-t', 'tmpfs', '-o', 'size=8m', 'tmpfs', folder.path])
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
  const limit = async (bytes: string): Promise<void> => {
    await execute('prlimit', ['--pid', String(process.pid), `--fsize=${bytes}:`])
  }
  return {
    path: folder.path,
    fill: () => limit('65536'),
    free: () => limit('unlimited'),
    [Symbol.asyncDispose]: async () => {
      await limit('unlimited')
      await folder[Symbol.asyncDispose]()
    }
  }
}
