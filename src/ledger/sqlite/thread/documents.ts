import type { Document } from '../operations.ts'
import type { Session } from './session.ts'

interface DocumentName {
  readonly kind: string
  readonly name: string
}

export function putDocument({ database }: Session, { kind, name, text }: DocumentName & Document): void {
  database.change('INSERT OR REPLACE INTO documents (kind, name, text) VALUES (?, ?, ?)', kind, name, text)
}

/** The text that is there then: this one, or the one from before. */
export function addDocument(session: Session, { kind, name, text }: DocumentName & Document): string {
  session.database.change('INSERT OR IGNORE INTO documents (kind, name, text) VALUES (?, ?, ?)', kind, name, text)
  return getDocument(session, { kind, name }) ?? text
}

export function getDocument({ database }: Session, { kind, name }: DocumentName): string | undefined {
  return database.row<Document>('SELECT name, text FROM documents WHERE kind = ? AND name = ?', kind, name)?.text
}

/** In the order of their names. */
export function listDocuments({ database }: Session, kind: string): readonly Document[] {
  return database.rows<Document>('SELECT name, text FROM documents WHERE kind = ? ORDER BY name', kind)
}

export function removeDocument({ database }: Session, { kind, name }: DocumentName): boolean {
  return database.change('DELETE FROM documents WHERE kind = ? AND name = ?', kind, name) === 1
}
