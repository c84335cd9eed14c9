import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** The surface that is fuzzed: a part of the data plane, the admin plane, or the gateway as the caller of a step. */
export const surfaces = ['framing', 'events', 'stored', 'inference', 'admin', 'steps'] as const
export type Surface = (typeof surfaces)[number]

export interface Seed {
  readonly name: string
  readonly message: Buffer
}

const folderOf = (surface: Surface): string => fileURLToPath(new URL(`corpus/${surface}/`, import.meta.url))

/**
 * The messages from which inputs of a surface are made. A `.http` file was written by a person: its lines end as in any
 * text, and a body without framing gets its content-length. A `.raw` file has the octets that once found a fault.
 */
export function readCorpus(surface: Surface): readonly Seed[] {
  const folder = folderOf(surface)
  return readdirSync(folder)
    .sort()
    .map(name => {
      const content = readFileSync(`${folder}${name}`)
      return { name: `${surface}/${name}`, message: name.endsWith('.raw') ? content : framed(content.toString()) }
    })
}

/** Keeps octets that found a fault, so that they are tried again for ever. Gives the name of the file. */
export function keepInput(surface: Surface, message: Uint8Array): string {
  const digest = createHash('sha256').update(message).digest('hex').slice(0, 12)
  const name = `found-${digest}.raw`
  writeFileSync(`${folderOf(surface)}${name}`, message)
  return `${surface}/${name}`
}

function framed(text: string): Buffer {
  const end = text.indexOf('\n\n')
  const lines = (end === -1 ? text.trimEnd() : text.slice(0, end)).split('\n')
  // An editor ends the last line; the body of a message has no such end.
  const rest = end === -1 ? '' : text.slice(end + 2).replace(/\n$/, '')
  const isFramed = lines.some(line => /^(HTTP\/1.1 (1|204)|transfer-encoding:|connection: close)/i.test(line))
  if (isFramed) return Buffer.from([...lines, '', ...rest.split('\n'), ''].join('\r\n'))
  if (rest !== '' || /^(POST|PUT|PATCH|HTTP)/.test(text)) lines.push(`content-length: ${Buffer.byteLength(rest)}`)
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n${rest}`)
}
