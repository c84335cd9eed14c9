import { SchemaCheck } from './contract/schema-check.ts'
import type { Contract } from './contract/contract.ts'
import type { ContractSpec } from './spec/contract-spec.ts'

/** The contract that all of these make together; `undefined`: none of them says anything. */
export function compileContract(...specs: readonly (ContractSpec | undefined)[]): Contract | undefined {
  const checks = (side: 'input' | 'output'): SchemaCheck[] =>
    specs.flatMap(spec => (spec?.[side] === undefined ? [] : [new SchemaCheck(spec[side])]))
  const contract = { input: checks('input'), output: checks('output') }
  return contract.input.length + contract.output.length === 0 ? undefined : contract
}
