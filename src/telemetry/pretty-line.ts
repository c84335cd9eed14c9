import { stripVTControlCharacters, styleText } from 'node:util'
import { shownStepTime, shownTime } from './shown-time.ts'

export interface PrettyOptions {
  readonly color: boolean
  /** Characters in a line of the terminal; Infinity: lines are not folded. */
  readonly columns: number
}

type Fields = Readonly<Record<string, unknown>>

const indent = '         '
/** The least that a line takes, however narrow the terminal is. */
const leastColumns = 40

const levels = [
  { from: 50, name: 'error', style: 'red' },
  { from: 40, name: 'warn', style: 'yellow' },
  { from: 30, name: 'info', style: 'cyan' },
  { from: 0, name: 'debug', style: 'dim' }
] as const

/** Of interest to programs only, or said by the words before. */
const unsaid = new Set([
  'level',
  'time',
  'service',
  'msg',
  'err',
  'reason',
  'steps',
  'outcome',
  'durationMs',
  'pipeline'
])
/** Fields that the cause, or the times of the steps, say already. */
const inCause = new Set(['code', 'step', 'attempts', 'upstreamBody'])

/**
 * One line of the JSON log as a person reads it, with its end; what finds no room goes on in further ones, indented.
 */
export function prettyLine(json: string, { color, columns }: PrettyOptions): string {
  const fields: Fields = JSON.parse(json)
  const paint = (style: Parameters<typeof styleText>[0], text: string): string =>
    color ? styleText(style, text, { validateStream: false }) : text
  const time = paint('dim', clock(fields['time']))
  const level = levels.find(({ from }) => Number(fields['level']) >= from) ?? levels[3]
  const request = requestText(fields)
  const lead = request === undefined ? `${level.name.padEnd(5)} ` : ''
  const words = [request ?? said(fields), causeText(fields), ...rest(fields)].filter(word => word !== '')
  const [first = '', ...lines] = fold(words, lead.length, Math.max(columns, leastColumns))
  const head = request === undefined ? `${paint(level.style, lead)}${first}` : paintOutcome(first, fields, paint)
  return [`${time} ${head}`, ...lines.map(line => `${indent}${line}`), ...stackOf(fields)].join('\n').concat('\n')
}

/** `comments replied 12 ms (filter 4, sentiment 7)`, where the line tells the end of a request. */
function requestText({ outcome, durationMs, pipeline, steps }: Fields): string | undefined {
  if (typeof outcome !== 'string' || typeof durationMs !== 'number') return undefined
  const visited = (Array.isArray(steps) ? steps : []).map(
    ({ step, durationMs: ms, attempts }) => `${step} ${shownStepTime(Number(ms))}${attempts > 1 ? ` ×${attempts}` : ''}`
  )
  const times = visited.length === 0 ? '' : ` (${visited.join(', ')})`
  return `${shortName(pipeline)} ${outcome} ${shownTime(durationMs)}${times}`
}

const said = ({ msg, pipeline }: Fields): string =>
  plain(`${String(msg)}${pipeline === undefined ? '' : ` (${shortName(pipeline)})`}`)

const shortName = (pipeline: unknown): string => plain(String(pipeline).replace(/^default\//, ''))

/** The error of a line by its code, its message, and what the step said. */
function causeText({ err, ...fields }: Fields): string {
  const { code, type, message, upstreamBody } = isFields(err) ? err : { ...fields, message: fields['reason'] }
  if (message === undefined) return ''
  const said = upstreamBody === undefined ? [] : [upstreamBody]
  return plain([code ?? type ?? 'because', message, ...said].map(shown).join(': '))
}

/** The id behind a request needs no name. */
const isBare = (name: string, { outcome }: Fields): boolean => name === 'requestId' && outcome !== undefined

/** The other fields of the line, as `name=value`. */
function rest(fields: Fields): readonly string[] {
  return Object.entries(fields)
    .filter(([name, value]) => !unsaid.has(name) && value !== undefined && value !== null)
    .filter(([name]) => fields['reason'] === undefined || !inCause.has(name))
    .map(([name, value]) => plain(isBare(name, fields) ? shown(value) : `${name}=${shown(value)}`))
}

const shown = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value))

/** Where a defect comes from is worth further lines; what a step did is not. */
function stackOf({ err }: Fields): readonly string[] {
  if (!isFields(err) || typeof err['stack'] !== 'string' || err['code'] !== undefined) return []
  return err['stack'].split('\n').map(line => plain(line).trimEnd())
}

/** Words in as few lines as they take; a word that is longer than a line is cut where it has a space. */
function fold(words: readonly string[], lead: number, columns: number): string[] {
  const room = columns - indent.length
  const lines: string[] = []
  let line = ''
  for (const piece of words.flatMap((word, i) => pieces(word, i === 0 ? room - lead : room))) {
    const width = room - (lines.length === 0 ? lead : 0)
    if (line !== '' && line.length + 2 + piece.length > width) {
      lines.push(line)
      line = piece
    } else line = line === '' ? piece : `${line}  ${piece}`
  }
  return [...lines, line]
}

function pieces(word: string, room: number): string[] {
  if (word.length <= room) return [word]
  const space = word.lastIndexOf(' ', room)
  const end = space > 0 ? space : room
  return [word.slice(0, end), ...pieces(word.slice(end).trimStart(), room)]
}

const outcomeStyles: Readonly<Record<string, Parameters<typeof styleText>[0]>> = {
  replied: 'green',
  filtered: 'yellow',
  failed: 'red'
}

function paintOutcome(
  line: string,
  { outcome }: Fields,
  paint: (style: Parameters<typeof styleText>[0], text: string) => string
): string {
  const word = String(outcome)
  return line.replace(` ${word} `, ` ${paint(outcomeStyles[word] ?? 'dim', word)} `)
}

const clock = (time: unknown): string => {
  const at = new Date(Number(time))
  return [at.getHours(), at.getMinutes(), at.getSeconds()].map(part => String(part).padStart(2, '0')).join(':')
}

const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null

/** Words of steps and callers are shown in one line, and the terminal does not carry them out. */
const plain = (text: string): string =>
  stripVTControlCharacters(text).replace(/[\p{Control}\p{Format}\p{Line_Separator}\p{Paragraph_Separator}]+/gu, ' ')
