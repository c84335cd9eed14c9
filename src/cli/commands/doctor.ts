import { loadSettings, type GatewayConfig, type SettingFlags } from '../../config.ts'
import { examineStore } from '../../ledger/examine-store.ts'
import { isDurable, type Durability } from '../../ledger/durability.ts'
import { storeAddress } from '../../ledger/store-address.ts'
import { exitCodes } from '../exit-codes.ts'
import { fail } from '../fail.ts'
import { failureText } from '../print/failure-text.ts'
import { machineLimits } from './machine-limits.ts'
import type { OutputFormat } from '../options/output-option.ts'
import { printDocument } from '../print/print-document.ts'

export interface DoctorOptions extends SettingFlags {
  readonly config?: string
  readonly output: OutputFormat
}

/**
 * Says what the configured store and the machine guarantee, and changes neither; fails when that is less than was asked
 * for.
 */
export async function doctor({ config: file, output, ...flags }: DoctorOptions): Promise<void> {
  const read = await loadSettings(flags, file)
  if (read.kind === 'faulty') {
    fail(read.faults.join('\n'), exitCodes.usage)
    return
  }
  const { durability: wanted } = read.config
  const store = storeAddress(read.config.store).label
  const durability = await durabilityOf(read.config)
  const kept = durability.fault === undefined && (wanted !== 'strict' || isDurable(durability))
  const findings = { node: process.version, ...machineLimits(), store, wanted, kept, ...durability }
  if (output === 'table') process.stdout.write(findingsText(findings))
  else await printDocument(findings, output)
  if (!kept) process.exitCode = exitCodes.failed
}

/** The guarantee of the store; `usedBy`: the gateway that has it; `fault`: it cannot be opened. */
interface StoreFindings extends Durability {
  readonly usedBy: string | undefined
  readonly fault: string | undefined
}

async function durabilityOf({ store, durability: wanted }: GatewayConfig): Promise<StoreFindings> {
  try {
    const { durability, usedBy } = await examineStore(store, wanted)
    return { ...durability, usedBy, fault: undefined }
  } catch (thrown) {
    const nothing = { level: 0, warnings: [], usedBy: undefined } as const
    return { ...nothing, summary: `${storeAddress(store).label} cannot be opened`, fault: failureText(thrown) }
  }
}

interface Findings extends ReturnType<typeof machineLimits>, StoreFindings {
  readonly node: string
  readonly wanted: GatewayConfig['durability']
  readonly kept: boolean
}

const levels = ['survives nothing', 'what the server gives', 'a killed process', 'power loss too']

function findingsText({ node, cpus, memoryMiB, openFiles, wanted, kept, ...store }: Findings): string {
  const lines = [
    `node        ${node}`,
    `machine     ${cpus} CPUs, ${memoryMiB} MiB of memory, ${openFiles ?? 'an unknown number of'} open files`,
    `store       ${store.summary}`
  ]
  if (store.fault !== undefined) lines.push(`            ${store.fault}`)
  else lines.push(`durability  level ${store.level} of 3: ${levels[store.level]}`)
  if (store.usedBy !== undefined) {
    lines.push(`in use      by ${store.usedBy}: GET /readyz?verbose on its admin port tells what it guarantees`)
  }
  lines.push(...store.warnings.map(warning => `warning     ${warning}`))
  if (wanted === 'strict') lines.push(`strict      ${kept ? 'kept' : 'not kept: the gateway would refuse to start'}`)
  return `${lines.join('\n')}\n`
}
