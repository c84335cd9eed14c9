import { textAnswer, type Answer } from '../http/answer.ts'

/*
 * The REST routes of the Open Inference Protocol (V2) over pipelines of the namespace `default`. A request is a plain
 * JSON POST; what the protocol adds is where it goes, the health routes and the `error` member of error answers.
 */

export const openInferenceNamespace = 'default'

/** `/v2/health/live` and the like: 200 is all that clients read. */
export const healthy = (): Answer => textAnswer(200, 'ok\n')

/** A problem document that clients of the protocol understand too: they read `error`. */
export function withErrorMember(answer: Answer): Answer {
  if (answer.status < 400 || answer.body === undefined) return answer
  const problem = JSON.parse(Buffer.from(answer.body).toString()) as Record<string, unknown>
  return { ...answer, body: JSON.stringify({ error: problem['detail'], ...problem }) }
}
