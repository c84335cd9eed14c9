import { isMapping, type Fields } from '../../pipeline/spec/rule.ts'
import { age } from './age.ts'
import { fitted, indentOf } from './folded.ts'

/** Characters of the names in front. */
const nameWidth = 12
/** Characters of an event's data that are shown. */
const mostData = 1_000

/** A dead letter for a person: its cause first, the data of its events shortened, and nothing that is not text. */
export function deadLetterText(letter: Fields): string {
  const { event, input, step, attempts, code, detail, upstreamStatus } = letter
  const tries = typeof attempts === 'number' ? `, after ${attempts} ${attempts === 1 ? 'attempt' : 'attempts'}` : ''
  const lines = [
    row('id', letter['id']),
    row('pipeline', letter['pipeline']),
    row('failed', timeText(letter['failedAt'])),
    row('accepted', timeText(letter['acceptedAt'])),
    row('step', step === undefined ? undefined : `${shown(step)}${tries}`),
    row('cause', `${String(code)}: ${String(detail)}`),
    row('its answer', upstreamStatus === undefined ? undefined : `status ${shown(upstreamStatus)}`),
    row('its words', letter['upstreamBody']),
    row('deliveries', letter['deliveries']),
    row('trace', letter['traceId']),
    row('replay of', letter['replayOf']),
    row('replayed as', letter['replayedAs'] && `${shown(letter['replayedAs'])}${letter['closed'] ? ', closed' : ''}`),
    ...stepLines(letter['steps']),
    ...eventLines('input', input),
    ...eventLines('event', event)
  ]
  return `${lines.filter(line => line !== undefined).join('\n')}\n`
}

/** The text where no line is longer than the terminal's. */
export const fittedLetter = (text: string, columns: number): string =>
  fitted(text, columns, line => (line.startsWith('  ') ? indentOf(line) : nameWidth))

const row = (name: string, value: unknown): string | undefined =>
  value === undefined || value === null ? undefined : `${name.padEnd(nameWidth)}${shown(value)}`

const shown = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value))

const timeText = (time: unknown): string | undefined =>
  typeof time === 'string' ? `${time} (${age(time) ?? '?'} ago)` : undefined

function stepLines(steps: unknown): (string | undefined)[] {
  const all = Array.isArray(steps) ? steps.filter(isMapping) : []
  return all.map(({ name, status, attempts }, i) =>
    row(i === 0 ? 'steps' : '', `${String(name)} ${String(status)}, attempts: ${String(attempts)}`)
  )
}

/** The attributes that say what it is, then its data, indented. */
function eventLines(name: string, event: unknown): (string | undefined)[] {
  if (!isMapping(event)) return []
  const { type, source, id, datacontenttype, data, data_base64: octets } = event
  const head = row(
    name,
    [type, source, id, datacontenttype]
      .filter(value => value !== undefined)
      .map(shown)
      .join('  ')
  )
  return [head, ...dataLines(data, octets)]
}

function dataLines(data: unknown, octets: unknown): string[] {
  if (typeof octets === 'string') {
    return [`  ${Buffer.byteLength(octets, 'base64')} octets that are not text; --data shows them as base64`]
  }
  if (data === undefined) return []
  const text = typeof data === 'string' ? data : JSON.stringify(data, null, 2)
  const cut = text.length > mostData ? `${text.slice(0, mostData)}…\n${text.length} characters; --data shows all` : text
  return cut.split('\n').map(line => `  ${line}`)
}
