import type { Claim } from '../../work.ts'
import type { OperationName, Operations } from '../operations.ts'

type Notes = {
  readonly [Name in OperationName]?: (input: Operations[Name][0], value: Operations[Name][1], held: GuestClaims) => void
}

/** The effect of each operation that was done on the claims of the process that asked for it. */
const notes: Notes = {
  accept({ requests }, answer, held) {
    if (answer.kind === 'full') return
    answer.requests.forEach((request, i) => {
      const pipeline = requests[i]?.pipeline
      if (request.kind === 'known' || request.token === undefined || pipeline === undefined) return
      held.add({ pipeline, id: request.id, token: request.token })
    })
  },
  claim({ pipeline }, claims, held) {
    for (const { token, record } of claims) held.add({ pipeline, id: record.id, token })
  },
  claimThese({ pipeline }, claims, held) {
    for (const { token, record } of claims) held.add({ pipeline, id: record.id, token })
  },
  renew({ claims }, renewed, held) {
    for (const [i, claim] of claims.entries()) if (renewed[i] !== true) held.remove(claim)
  },
  checkpoint({ claim }, done, held) {
    if (!done) held.remove(claim)
  },
  settle: ({ claim }, _ending, held) => held.remove(claim),
  release: ({ claim }, _done, held) => held.remove(claim)
}

/** The claims that a process holds, as its operations tell: what has to be given back when it dies. */
export class GuestClaims {
  readonly #claims = new Map<string, Claim>()

  note<Name extends OperationName>(name: Name, input: Operations[Name][0], value: Operations[Name][1]): void {
    const noted: Notes[Name] = notes[name]
    noted?.(input, value, this)
  }

  add(claim: Claim): void {
    this.#claims.set(keyOf(claim), claim)
  }

  /** A later claim of the same request stays. */
  remove(claim: Claim): void {
    if (this.#claims.get(keyOf(claim))?.token === claim.token) this.#claims.delete(keyOf(claim))
  }

  [Symbol.iterator](): Iterator<Claim> {
    return this.#claims.values()
  }
}

const keyOf = ({ pipeline, id }: Claim): string => JSON.stringify([pipeline, id])
