/** A server-sent event with a name, and data of any number of lines. */
export function eventText(event: string, data: string, id?: number | string): string {
  const lines = data.split(/\r\n|[\r\n]/).map(line => `data: ${line}\n`)
  return `${id === undefined ? '' : `id: ${id}\n`}event: ${event}\n${lines.join('')}\n`
}
