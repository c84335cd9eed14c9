import { headOf, joinFrame, splitFrame } from '../../record/frame.ts'
import type { Database } from './database.ts'

/** The frames of a request's marks, by the paths of their sequences; those of outer sequences come first. */
type StoredMarks = readonly (readonly [string, Uint8Array])[]

/** Sets the mark of one sequence of the request; a large frame is kept in two pieces, as all are. */
export function writeMark(database: Database, seq: number, path: string, bytes: Uint8Array): void {
  const { head, blobs } = splitFrame(bytes)
  database.change('INSERT OR REPLACE INTO marks (seq, path, bytes, data) VALUES (?, ?, ?, ?)', seq, path, head, blobs)
}

/** The marks of a request. */
export const readMarks = (database: Database, seq: number): StoredMarks =>
  database
    .rows<{ path: string; bytes: Uint8Array; data: Uint8Array | null }>(
      'SELECT path, bytes, data FROM marks WHERE seq = ? ORDER BY path',
      seq
    )
    .map(({ path, bytes, data }) => [path, joinFrame(bytes, data)])

/** The same without the blobs of their frames. */
export const readMarkHeads = (database: Database, seq: number): StoredMarks =>
  database
    .rows<{ path: string; bytes: Uint8Array }>('SELECT path, bytes FROM marks WHERE seq = ? ORDER BY path', seq)
    .map(({ path, bytes }) => [path, headOf(bytes)])

/** Takes away the marks of sequences inside the one at the path; everything is inside the root, whose path is empty. */
export function removeMarksBelow(database: Database, seq: number, path: string): void {
  if (path === '') database.change(`DELETE FROM marks WHERE seq = ? AND path > ''`, seq)
  // The character behind the slash ends the range of what begins with the path and a slash.
  else database.change('DELETE FROM marks WHERE seq = ? AND path > ? AND path < ?', seq, `${path}/`, `${path}0`)
}

export function removeMarks(database: Database, seq: number): void {
  database.change('DELETE FROM marks WHERE seq = ?', seq)
}
