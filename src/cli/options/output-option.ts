import { Option } from 'commander'

/** `table` is for people, the others are for programs. */
export type OutputFormat = 'table' | 'json' | 'yaml'

/** `-o FORMAT` */
export const outputOption = (): Option =>
  new Option('-o, --output <format>', 'how to print the result').choices(['table', 'json', 'yaml']).default('table')
