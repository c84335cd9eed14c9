/**
 * The text without characters that a terminal would obey: what steps, callers and servers say is shown, not carried
 * out. In JSON and in YAML what stands for them means the same.
 */
export const plainText = (text: string): string =>
  text.replace(/[^\P{Control}\n\t]/gu, character => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)
