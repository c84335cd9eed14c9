import { splitFrame } from '../../record/frame.ts'
import type { Database } from './database.ts'

type FrameTable = 'contents' | 'settlements'

const inserts = {
  contents: 'INSERT INTO contents (seq, bytes, data) VALUES (?, ?, ?)',
  settlements: 'INSERT INTO settlements (seq, bytes, data) VALUES (?, ?, ?)'
} as const

/** Writes the frame of a request; a large one in two pieces, so that lists need not read its blobs. */
export function insertFrame(database: Database, table: FrameTable, seq: number, bytes: Uint8Array): void {
  const { head, blobs } = splitFrame(bytes)
  database.insert(inserts[table], seq, head, blobs)
}
