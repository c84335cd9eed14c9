import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite'

type Value = SQLInputValue | undefined

/** A connection whose statements are prepared once. `undefined` is written as NULL. */
export class Database implements Disposable {
  readonly path: string
  readonly #connection: DatabaseSync
  readonly #statements = new Map<string, StatementSync>()

  constructor(path: string) {
    this.path = path
    this.#connection = new DatabaseSync(path)
  }

  get inTransaction(): boolean {
    return this.#connection.isTransaction
  }

  get inMemory(): boolean {
    return this.path === ':memory:'
  }

  execute(sql: string): void {
    this.#connection.exec(sql)
  }

  /** Runs a statement and answers how many rows it changed. */
  change(sql: string, ...values: readonly Value[]): number {
    return Number(this.#prepare(sql).run(...values.map(nullForUndefined)).changes)
  }

  /** Runs an INSERT and answers the rowid. */
  insert(sql: string, ...values: readonly Value[]): number {
    return Number(this.#prepare(sql).run(...values.map(nullForUndefined)).lastInsertRowid)
  }

  // A row is what its query names, from tables that are STRICT: the caller of both says so with `Row`.
  /* oxlint-disable typescript/no-unnecessary-type-parameters, typescript/no-unsafe-type-assertion */

  row<Row>(sql: string, ...values: readonly Value[]): Row | undefined {
    return this.#prepare(sql).get(...values.map(nullForUndefined)) as Row | undefined
  }

  rows<Row>(sql: string, ...values: readonly Value[]): readonly Row[] {
    return this.#prepare(sql).all(...values.map(nullForUndefined)) as readonly unknown[] as readonly Row[]
  }

  /* oxlint-enable */

  [Symbol.dispose](): void {
    this.#statements.clear()
    this.#connection.close()
  }

  #prepare(sql: string): StatementSync {
    const known = this.#statements.get(sql)
    if (known !== undefined) return known
    const statement = this.#connection.prepare(sql)
    this.#statements.set(sql, statement)
    return statement
  }
}

const nullForUndefined = (value: Value): SQLInputValue => value ?? null
