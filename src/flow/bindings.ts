import type { CloudEvent } from '../event/event.ts'
import { labelOf } from '../event/data-view.ts'
import { fromJson, viewOf, withJson } from '../event/json-view.ts'
import type { Expression } from '../pipeline/expression.ts'
import type { LateData, OpaqueData, Place, Scope } from '../pipeline/expression/scope.ts'
import type { Request } from './request.ts'
import type { Surroundings } from './surroundings.ts'

/** The event that an expression makes of this one. */
export async function evaluate(
  expression: Expression,
  event: CloudEvent,
  request: Request,
  around: Surroundings
): Promise<CloudEvent> {
  const evaluated = await expression.value(scopeOf(expression, event, around), request.deadline)
  return evaluated.kind === 'json' ? withJson(evaluated.octets, event) : fromJson(evaluated.value, event)
}

/** The value of an expression as JSON; `undefined`: it yields nothing. */
export async function jsonTextOf(
  expression: Expression,
  event: CloudEvent,
  request: Request,
  around: Surroundings
): Promise<string | undefined> {
  const evaluated = await expression.value(scopeOf(expression, event, around), request.deadline)
  if (evaluated.kind === 'json') return Buffer.from(evaluated.octets).toString()
  return evaluated.value === undefined ? undefined : JSON.stringify(evaluated.value)
}

/** Whether an expression is true for the event. */
export const truthOf = (
  condition: Expression,
  event: CloudEvent,
  request: Request,
  around: Surroundings
): Promise<boolean> => condition.truth(scopeOf(condition, event, around), request.deadline)

/** The event as an object, with `$request` and `$steps`, which cost a parse each, where the expression names them. */
function scopeOf({ source }: Expression, event: CloudEvent, { original, replies }: Surroundings): Scope {
  const views = new Views()
  const input = views.add([], event)
  const bindings: Record<string, unknown> = {}
  if (source.includes('$request')) bindings['request'] = views.add(['request'], original)
  if (source.includes('$steps')) {
    bindings['steps'] = Object.fromEntries(
      [...replies].map(([name, reply]) => [name, views.add(['steps', name], reply)])
    )
  }
  const { size, late, opaque } = views
  return { input, bindings, size, late, opaque }
}

/** Data of more octets is parsed by the thread that evaluates. */
const parsedHere = 64 * 1024

class Views {
  size = 0
  readonly late: LateData[] = []
  readonly opaque: OpaqueData[] = []

  add(place: Place, event: CloudEvent): Record<string, unknown> {
    const { view, late, opaque } = viewOf(event, parsedHere)
    this.size += event.data?.length ?? 0
    const label = labelOf(event)
    if (late !== undefined) this.late.push({ place, label, ...late })
    if (opaque) this.opaque.push({ place, label })
    return view
  }
}
