import { createRequire } from 'node:module'
import type * as Ajv from 'ajv/dist/2020.js'

const load = createRequire(import.meta.url)

/** ajv is loaded with the first schema: most gateways have none, and it takes as long as much of their start. */
export const loadAjv = (): typeof Ajv => load('ajv/dist/2020.js') as typeof Ajv

/** The names of variables in the code that ajv makes. */
export const loadNames = (): CodeNames => (load('ajv/dist/compile/names.js') as { readonly default: CodeNames }).default

type CodeNames = Readonly<Record<'errors' | 'vErrors', Ajv.Name>>
