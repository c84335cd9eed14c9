/** The entries of a text such as `a, b`. */
export const splitList = (text: string): string[] =>
  text
    .split(',')
    .map(entry => entry.trim())
    .filter(entry => entry !== '')
