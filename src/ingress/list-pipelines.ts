import { jsonAnswer, textAnswer, type Answer } from '../http/answer.ts'
import type { Plan } from '../pipeline/plan.ts'
import { servedLines, servedPipeline } from '../pipeline/served-pipeline.ts'
import type { Arrival } from './arrival.ts'

/** `GET /`: what is served here, as a JSON list, or as text for a terminal. */
export function listPipelines(arrival: Arrival, plans: readonly Plan[]): Answer {
  const { socket, headers } = arrival.incoming
  // HTTP/1.0 need not say by which name it came here.
  const base = headers.host === undefined ? '' : `${'encrypted' in socket ? 'https' : 'http'}://${headers.host}`
  const items = plans.map(plan => servedPipeline(plan, base))
  if (!wantsText(headers.accept, headers['user-agent'])) return jsonAnswer(200, { items, next: null })
  const lines = items.length === 0 ? ['no pipelines are served here'] : servedLines(items)
  return textAnswer(200, `${lines.join('\n')}\n`)
}

/** Programs that show on a terminal what they get, and accept anything. */
const terminalClients = /^(curl|wget|httpie|xh)\//i

function wantsText(accept = '*/*', userAgent = ''): boolean {
  if (/application\/([\w.-]+\+)?json/i.test(accept)) return false
  return /text\/plain/i.test(accept) || (accept === '*/*' && terminalClients.test(userAgent))
}
