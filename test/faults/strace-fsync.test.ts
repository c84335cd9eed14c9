import { copyFile, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, it } from 'vitest'
import { createTempFolder } from '../helpers/temp-folder.ts'
import { attachStrace } from './strace.ts'
import { startStoreScene, type StoreScene } from './store-scene.ts'

const calls = 'trace=read,write,writev,pwrite64,fdatasync,fsync'

it('answers 202 when the request is on the disk, and not before', async () => {
  await using folder = await createTempFolder()
  await using scene = await startStoreScene({ store: `sqlite:${folder.path}/test.db` })
  await acceptOne(scene)
  const trace = join(folder.path, 'trace')
  const strace = await attachStrace(
    scene.gateway.pid,
    ['-y', '-s', '20000', '-e', calls, '-o', trace],
    'that each 202 comes after the fsync of its request'
  )
  const ids: string[] = []
  for (let i = 0; i < 5; i++) {
    const id = await acceptOne(scene)
    ids.push(id)
    expect(await idsInCopy(folder.path)).toContain(id)
  }
  ids.push(...(await Promise.all(Array.from({ length: 30 }, () => acceptOne(scene)))))
  expect(new Set(ids).size).toBe(35)
  if (strace === undefined) return
  await strace[Symbol.asyncDispose]()
  const lines = (await readFile(trace, 'latin1')).split('\n')
  expect(ids.filter(id => !isSyncedBeforeAnswer(lines, id))).toEqual([])
})

async function acceptOne({ post }: StoreScene): Promise<string> {
  const answer = await post('work', { prefer: 'respond-async' })
  const { id }: { id: string } = JSON.parse(await answer.text())
  expect(answer.status).toBe(202)
  return id
}

/** Answers the ids that another process would find in the file and its log at this moment. */
async function idsInCopy(folder: string): Promise<readonly unknown[]> {
  for (const end of ['', '-wal']) await copyFile(join(folder, `test.db${end}`), join(folder, `copy.db${end}`))
  using copy = new DatabaseSync(join(folder, 'copy.db'))
  return copy
    .prepare('SELECT id FROM requests')
    .all()
    .map(({ id }) => id)
}

/**
 * Whether the trace has, in this order: a write of the request into the log of the database, a call that begins after it
 * and brings the log to the disk, the end of that call, and the answer that names the request.
 */
function isSyncedBeforeAnswer(lines: readonly string[], id: string): boolean {
  const written = lines.findIndex(line => /pwrite64\(\d+<[^>]*-wal>/.test(line) && line.includes(id))
  const begun = lines.findIndex((line, i) => i > written && /f(data)?sync\(\d+<[^>]*-wal>/.test(line))
  const thread = lines[begun]?.split(' ')[0] ?? ''
  const isEnd = (line: string): boolean => line.startsWith(`${thread} `) && /sync.* = 0$/.test(line)
  const ended = lines.findIndex((line, i) => i >= begun && isEnd(line))
  const answered = lines.findIndex(line => /write.*HTTP\/1\.1 202/.test(line) && line.includes(id))
  return written !== -1 && written < begun && begun <= ended && ended < answered
}
