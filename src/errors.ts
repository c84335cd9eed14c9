/** The answer to every failure of a code: an HTTP status and a title that never changes for its code. */
export interface ErrorKind {
  readonly status: number
  readonly title: string
}

/**
 * The closed list of codes. Branch on a code, never on a message.
 * A retired code is never used again.
 */
export const errorKinds = {
  INVALID_EVENT: { status: 400, title: 'The CloudEvent is not valid' },
  INVALID_REQUEST: { status: 400, title: 'The request is not valid' },
  UNAUTHENTICATED: { status: 401, title: 'A valid token is required' },
  FORBIDDEN: { status: 403, title: 'The caller may not do this' },
  NOT_FOUND: { status: 404, title: 'There is nothing here' },
  PIPELINE_NOT_FOUND: { status: 404, title: 'There is no such pipeline' },
  REQUEST_NOT_FOUND: { status: 404, title: 'There is no such request' },
  METHOD_NOT_ALLOWED: { status: 405, title: 'The method is not allowed here' },
  REQUEST_TIMEOUT: { status: 408, title: 'The request was sent too slowly' },
  PIPELINE_CHANGED: { status: 409, title: 'The pipeline has changed since the request began' },
  CONFLICT: { status: 409, title: 'The change does not fit to what is there' },
  IDEMPOTENCY_IN_FLIGHT: { status: 409, title: 'A request with this idempotency key is in flight' },
  REQUEST_EXPIRED: { status: 410, title: 'The request has expired' },
  BODY_TOO_LARGE: { status: 413, title: 'The body is too large' },
  UNSUPPORTED_MEDIA_TYPE: { status: 415, title: 'The media type or encoding is not supported' },
  CONTRACT_INPUT: { status: 422, title: 'The data does not match the input contract' },
  STEP_REJECTED: { status: 422, title: 'A step rejected what it was given' },
  IDEMPOTENCY_MISMATCH: { status: 422, title: 'The idempotency key was used with another body' },
  QUEUE_FULL: { status: 429, title: 'The queue of the pipeline is full' },
  RATE_LIMITED: { status: 429, title: 'Too many requests' },
  HEADERS_TOO_LARGE: { status: 431, title: 'The headers are too large' },
  INTERNAL: { status: 500, title: 'A defect of the gateway' },
  STEP_FAILED: { status: 502, title: 'A step answered with an error' },
  STEP_UNREACHABLE: { status: 502, title: 'A step could not be reached' },
  STEP_BROKEN_OFF: { status: 502, title: 'A step broke off its answer' },
  STEP_BAD_REPLY: { status: 502, title: 'A step gave an answer that cannot be used' },
  CALL_LIMIT: { status: 502, title: 'The request has made as many calls as it may' },
  CONTRACT_OUTPUT: { status: 502, title: 'The reply does not match the output contract' },
  EGRESS_REFUSED: { status: 502, title: 'The address of a step is refused by the egress rules' },
  EXPRESSION_FAILED: { status: 502, title: 'An expression failed' },
  EXPRESSION_LIMIT: { status: 502, title: 'An expression ran into its limit' },
  PIPELINE_NOT_READY: { status: 503, title: 'The pipeline is not ready' },
  PAUSED: { status: 503, title: 'The pipeline is paused' },
  BREAKER_OPEN: { status: 503, title: 'The circuit breaker of a step is open' },
  OVERLOADED: { status: 503, title: 'Too many requests at once' },
  STORE_UNAVAILABLE: { status: 503, title: 'The store is not available' },
  SHUTTING_DOWN: { status: 503, title: 'The gateway is shutting down' },
  STEP_TIMEOUT: { status: 504, title: 'A step did not answer in time' },
  DEADLINE_EXCEEDED: { status: 504, title: 'The request did not finish before its deadline' },
  LOOP_DETECTED: { status: 508, title: 'The request goes round in a loop' }
} as const satisfies Record<string, ErrorKind>

export type ErrorCode = keyof typeof errorKinds

export const isErrorCode = (code: string): code is ErrorCode => Object.hasOwn(errorKinds, code)

/** The first octets of a failing step's own answer. */
export interface UpstreamBody {
  readonly octets: Uint8Array
  /** `undefined`: they are not text, or none. */
  readonly text: string | undefined
  /** False: `errors.upstream: status` keeps it from callers, logs and traces. The dead letter has it in either case. */
  readonly told: boolean
}

/** The step's own words, where they may be told to others than the dead letter. */
export const toldText = (body: UpstreamBody | undefined): string | undefined =>
  body?.told === true ? body.text : undefined

/** A failure among others in the branches of a step. */
export interface BranchFailure {
  /** Of the step that failed. */
  readonly path: string
  readonly code: string
  readonly detail: string
}

/** A fault of data by its JSON pointer, which is empty for the data as a whole. */
export interface DataFault {
  readonly pointer: string
  readonly message: string
}

/** The known facts of a failure, named as in the problem document that reports it. */
export interface ErrorFacts {
  /** `namespace/name`. */
  readonly pipeline?: string
  readonly step?: string
  /** Where the step stands: names from the root, joined by `/`. */
  readonly path?: string
  /** Calls of the step that were made, the first included. */
  readonly attempts?: number
  readonly upstreamStatus?: number
  /** Of a stored request that is not delivered once more: how often it was. */
  readonly deliveries?: number
  /** The words of the step about its failure. */
  readonly upstreamBody?: UpstreamBody
  /** The retries are used up, or none helps: whoever called is not to try again either (`x-should-retry: false`). */
  readonly spent?: boolean
  /** The call was the probe of a half-open breaker: the breaker opened again, and others wait for the next one. */
  readonly probe?: boolean
  /** The caller has had part of the answer: it is not tried again, and nothing stands in for it. */
  readonly begun?: boolean
  /** The earlier steps left the call less than half of the time it may take: nothing is known of the step's health. */
  readonly cutShort?: boolean
  /** Another attempt might have helped, but the retry budget of the origin is spent. */
  readonly budgetSpent?: boolean
  /** The name of the entry of traffic that was called. */
  readonly entry?: string
  /** The local process of the step could not be started: it was not called. */
  readonly notStarted?: boolean
  /** The local process of the step ended during the call, and is started again. */
  readonly processLost?: boolean
  /** Milliseconds after which a new try makes sense; becomes `Retry-After`. */
  readonly retryAfterMs?: number
  /** The methods of `Allow` with METHOD_NOT_ALLOWED. */
  readonly allow?: string
  /** Of a step with branches: each failure in it, in the order of time. */
  readonly failures?: readonly BranchFailure[]
  /** Of a step with branches that is held: why each branch is. */
  readonly holds?: readonly SluiceError[]
  /** Every fault of data against its contract, or of a request. */
  readonly faults?: readonly (DataFault | string)[]
}

/** The one error class. `message` is the problem's `detail`: it may be shown to a caller. */
export class SluiceError extends Error {
  override readonly name = 'SluiceError'
  readonly code: ErrorCode
  readonly facts: ErrorFacts

  constructor(
    code: ErrorCode,
    message: string,
    options: { readonly facts?: ErrorFacts; readonly cause?: unknown } = {}
  ) {
    super(message, { cause: options.cause })
    this.code = code
    this.facts = options.facts ?? {}
  }

  /** The same failure in other words. */
  said(message: string): SluiceError {
    return new SluiceError(this.code, message, { facts: this.facts, cause: this.cause })
  }

  /** The same failure, with more known about it. */
  with(facts: ErrorFacts): SluiceError {
    return new SluiceError(this.code, this.message, { facts: { ...this.facts, ...facts }, cause: this.cause })
  }
}

/** Anything thrown as a `SluiceError`; what nobody planned for is INTERNAL and keeps its cause for the log. */
export function toSluiceError(thrown: unknown): SluiceError {
  if (thrown instanceof SluiceError) return thrown
  return new SluiceError('INTERNAL', 'the gateway failed to handle this request; its log has the cause', {
    cause: thrown
  })
}

/** The text of anything thrown. */
export const messageOf = (thrown: unknown): string => (thrown instanceof Error ? thrown.message : String(thrown))
