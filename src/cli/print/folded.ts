/** Characters in a line of the terminal; what a program reads has lines as long as they are. */
export const columnsOf = ({ isTTY, columns }: NodeJS.WriteStream): number => (isTTY ? columns || 80 : Infinity)

/** The text in lines of at most so many characters, cut between words where that can be. */
export function folded(text: string, room: number): string[] {
  if (text.length <= room) return [text]
  const space = text.lastIndexOf(' ', room)
  const end = space > 0 ? space : Math.max(1, room)
  return [text.slice(0, end), ...folded(text.slice(end).trimStart(), room)]
}

/**
 * The lines of a text, of which none is longer than the terminal's: each goes on below itself, as far to the right as
 * `hang` says of it.
 */
export const fitted = (text: string, columns: number, hang: (line: string) => number): string =>
  text
    .split('\n')
    .flatMap(line => (line.length <= columns ? [line] : hanging(line, columns, hang(line))))
    .join('\n')

const hanging = (line: string, columns: number, at: number): string[] =>
  folded(line.slice(at), columns - at).map((part, i) => `${i === 0 ? line.slice(0, at) : ' '.repeat(at)}${part}`)

/** How far a line is indented. */
export const indentOf = (line: string): number => line.length - line.trimStart().length
