import { plainText } from './plain-text.ts'

/** Prints a value for a program to read; the YAML package is loaded only where it is asked for. */
export async function printDocument(value: unknown, format: 'json' | 'yaml'): Promise<void> {
  if (format === 'json') {
    process.stdout.write(`${plainText(JSON.stringify(value, null, 2))}\n`)
    return
  }
  const { stringify } = await import('yaml')
  process.stdout.write(plainText(stringify(value)))
}
