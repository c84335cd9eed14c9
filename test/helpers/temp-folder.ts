import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

export interface TempFolder extends AsyncDisposable {
  readonly path: string
  /** Writes a file, with the folders above it, and gives its absolute path. */
  write(name: string, content: string | Uint8Array): Promise<string>
}

/** An empty folder that is gone, with all that is in it, when it is disposed. */
export async function createTempFolder(): Promise<TempFolder> {
  const path = await mkdtemp(join(tmpdir(), 'sluice-'))
  return {
    path,
    async write(name, content) {
      const file = join(path, name)
      await mkdir(dirname(file), { recursive: true })
      await writeFile(file, content)
      return file
    },
    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true, maxRetries: 3 })
  }
}
