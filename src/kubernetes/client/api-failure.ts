/** A cause of a refusal, such as a conflict over a field. */
export interface FailureCause {
  readonly field: string | undefined
  readonly message: string | undefined
}

/** The answer of an API server that refuses, in its own words. */
export class ApiFailure extends Error {
  override readonly name = 'ApiFailure'
  readonly status: number
  /** A word of Kubernetes, such as `Forbidden`, `Conflict` or `Expired`. */
  readonly reason: string
  readonly causes: readonly FailureCause[]
  /** Milliseconds until it may be tried again; `undefined`: it did not say. */
  readonly retryAfterMs: number | undefined

  constructor(
    message: string,
    { status, reason, causes, retryAfterMs }: Pick<ApiFailure, 'status' | 'reason' | 'causes' | 'retryAfterMs'>
  ) {
    super(message)
    this.status = status
    this.reason = reason
    this.causes = causes
    this.retryAfterMs = retryAfterMs
  }
}

interface StatusDocument {
  readonly message?: string
  readonly reason?: string
  readonly code?: number
  readonly details?: {
    readonly causes?: readonly { readonly field?: string; readonly message?: string }[]
    readonly retryAfterSeconds?: number
  }
}

/** Makes the failure of what an API server said: its Status document, or whatever stood in its place. */
export function apiFailure(status: number, said: unknown, retryAfter: string | undefined): ApiFailure {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- each field is looked at before it is used
  const { message, reason, code, details } = (typeof said === 'object' && said !== null ? said : {}) as StatusDocument
  const seconds = details?.retryAfterSeconds ?? (/^\d{1,6}$/.test(retryAfter ?? '') ? Number(retryAfter) : undefined)
  const text = typeof said === 'string' && said.trim() !== '' ? said.trim().slice(0, 200) : undefined
  return new ApiFailure(message ?? text ?? `the API server answered ${status}`, {
    status: status === 0 ? (code ?? 0) : status,
    reason: reason ?? '',
    causes: (details?.causes ?? []).map(({ field, message: why }) => ({ field, message: why })),
    retryAfterMs: seconds === undefined ? undefined : seconds * 1000
  })
}

/** Whether it is one of the API server's own refusals with this status. */
export const isFailure = (thrown: unknown, status: number): boolean =>
  thrown instanceof ApiFailure && thrown.status === status

/** In one sentence, for status, log and terminal. */
export function failureText(thrown: unknown): string {
  if (thrown instanceof ApiFailure) return thrown.message
  if (!(thrown instanceof Error)) return String(thrown)
  const { cause } = thrown
  const code =
    'code' in thrown ? String(thrown.code) : cause instanceof Error && 'code' in cause ? String(cause.code) : ''
  const words = thrown.message === '' ? (code === '' ? thrown.name : code) : thrown.message
  return code === '' || words.includes(code) ? words : `${words} (${code})`
}
