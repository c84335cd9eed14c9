import { SluiceError } from '../errors.ts'
import { upstreamBody } from '../event/upstream-body.ts'
import type { StepAnswer } from './exchange.ts'
import { rejections } from './retriable.ts'
import { parseRetryAfter } from './retry-after.ts'
import { shownUrl } from './shown-url.ts'

/** The failure that an answer with an error status is. `told`: whether callers may see its body. */
export function statusError({ status, headers, body }: StepAnswer, label: string, told: boolean): SluiceError {
  const retryAfterMs = parseRetryAfter(single(headers['retry-after']), Date.now())
  const code = rejections.has(status) ? 'STEP_REJECTED' : 'STEP_FAILED'
  return new SluiceError(code, `${label} answered ${status}${redirection(status, single(headers['location']))}`, {
    facts: {
      upstreamStatus: status,
      upstreamBody: upstreamBody(body, told),
      ...(forbidsRetry(headers['x-should-retry']) && { spent: true }),
      ...(retryAfterMs !== undefined && { retryAfterMs })
    }
  })
}

/** A redirect is not followed; whoever reads of it wants to know where it led. */
function redirection(status: number, location: string | undefined): string {
  if (status < 300 || status > 399 || location === undefined) return ''
  return `, a redirect to ${shownUrl(location)}; redirects are not followed`
}

const forbidsRetry = (value: string | string[] | undefined): boolean =>
  typeof value === 'string' && value.trim().toLowerCase() === 'false'

/** A header that is given more than once says nothing. */
const single = (value: string | string[] | undefined): string | undefined =>
  typeof value === 'string' ? value : undefined
