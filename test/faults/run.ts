import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { auditBlackout } from './audit-blackout.ts'
import { auditEdits } from './edits/audit-edits.ts'
import { runSideBySide } from './edits/side-by-side.ts'
import { auditUpgrade } from './edits/audit-upgrade.ts'
import { auditKillPoints } from './kills/audit-kill-points.ts'
import type { FaultPart } from './fault-part.ts'
import { faultTable } from './fault-table.ts'
import { runRandomGraphs } from './kills/random-graphs.ts'
import { runGraphStorm } from './kills/graph-storm.ts'
import { runReplayStorm } from './kills/replay-storm.ts'
import type { StoreName } from './kills/stores.ts'
import { runStorm } from './kills/storm.ts'

/*
 * npm run test:faults -- [--only PART] [--kills N] [--seed S] [--before FOLDER]
 *
 * The long form of the fault tests. Tables go to stdout, progress to stderr; exits with 1 when a promise is broken. The
 * part `upgrade` needs the folder of a checkout of an earlier version, with its packages.
 */

const stormKills = 100
const acceptedPerKill = 200

const storm =
  (store: StoreName, workers = 1): FaultPart =>
  ({ kills = stormKills, ...options }) =>
    runStorm({ ...options, store, workers, kills, leastAccepted: kills * acceptedPerKill })

/** A parallel step inside a switch inside a nested pipeline. */
const graph =
  (store: StoreName): FaultPart =>
  ({ kills = stormKills, ...options }) =>
    runGraphStorm({ ...options, store, kills, leastAccepted: kills * 20 })

/** Random graphs, whose gateways are killed while requests run; as many as there are kills. */
const randomGraphs =
  (store: StoreName): FaultPart =>
  ({ kills = stormKills, ...options }) =>
    runRandomGraphs({ ...options, kills, store, count: kills })

const replayKills = 2

/** 10,000 dead letters at 200 a second. */
const replay: FaultPart = ({ kills = replayKills, ...options }) =>
  runReplayStorm({ ...options, store: 'sqlite', kills, letters: 10_000, rate: 200 })

const sideBySide: FaultPart = options => runSideBySide({ ...options, ms: 60_000, rate: 50 })

/** By their names for `--only`; without it, all run. */
const parts: Readonly<Record<string, FaultPart>> = {
  'storm-sqlite': storm('sqlite'),
  'storm-redis': storm('redis'),
  'storm-workers': storm('sqlite', 2),
  'graph-sqlite': graph('sqlite'),
  'graph-redis': graph('redis'),
  'random-graphs-sqlite': randomGraphs('sqlite'),
  'random-graphs-redis': randomGraphs('redis'),
  replay,
  points: auditKillPoints,
  blackout: auditBlackout,
  edits: auditEdits,
  'side-by-side': sideBySide,
  upgrade: auditUpgrade
}

const { values: flags } = parseArgs({
  options: { only: { type: 'string' }, kills: { type: 'string' }, seed: { type: 'string' }, before: { type: 'string' } }
})
const kills = numberOf('kills', flags.kills)
const seed = numberOf('seed', flags.seed) ?? Math.floor(Math.random() * 1_000_000)
const before = flags.before === undefined ? undefined : resolve(flags.before)
if (flags.only !== undefined && !Object.hasOwn(parts, flags.only)) {
  refuse(`--only takes one of ${Object.keys(parts).join(', ')}`)
}

console.log(`Node ${process.version}, seed ${seed}`)
for (const [name, part] of Object.entries(parts)) {
  if (flags.only === undefined ? name === 'upgrade' && before === undefined : flags.only !== name) continue
  const audit = await part({ kills, seed, before, progress: message => console.error(message) })
  console.log(`\n${faultTable(name, audit)}`)
  if (audit.broken.length > 0) process.exitCode = 1
}

function numberOf(flag: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  if (!/^[1-9]\d{0,8}$/.test(text)) refuse(`--${flag} takes a whole number from 1`)
  return Number(text)
}

function refuse(message: string): never {
  console.error(message)
  process.exit(2)
}
