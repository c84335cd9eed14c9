import type { CloudEvent } from '../event/event.ts'
import { toJson } from '../event/json-view.ts'
import type { Expression } from '../pipeline/expression.ts'
import type { Request } from './request.ts'

/** The replies of earlier steps by name, kept only for pipelines with expressions. */
export type Replies = ReadonlyMap<string, CloudEvent>

/** Evaluates over the event as an object, with `$request` and `$steps`. Parses only what this one event needs. */
export function evaluate(
  expression: Expression,
  event: CloudEvent,
  request: Request,
  replies: Replies
): Promise<unknown> {
  return expression.evaluate(toJson(event), bindingsFor(expression, request, replies))
}

/** Bindings cost a parse for each event in them, so they are made only for expressions that name them. */
function bindingsFor({ source }: Expression, request: Request, replies: Replies): Record<string, unknown> {
  return {
    ...(source.includes('$request') && { request: toJson(request.original) }),
    ...(source.includes('$steps') && {
      steps: Object.fromEntries([...replies].map(([name, reply]) => [name, toJson(reply)]))
    })
  }
}

/** JSONata's own casting to a boolean (its `$boolean`). */
export function isTruthy(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(isTruthy)
  if (typeof value === 'object' && value !== null) return Object.keys(value).length > 0
  return Boolean(value)
}
