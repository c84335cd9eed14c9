import { openSqliteLedger } from '../../src/ledger/sqlite/open-sqlite-ledger.ts'
import { startReplays } from '../../src/replay/replays.ts'
import { everything, replaysDeps, replayedIds } from './replays-under-test.ts'

/* A process of its own: a replica that begins a bulk replay and tells how many were replayed, until it is killed. */

const [path = ''] = process.argv.slice(2)
const ledger = await openSqliteLedger({ path })
const replays = startReplays(replaysDeps(ledger))
const { id } = await replays.begin({ filter: everything, from: 'step', rate: 50 })
process.stdout.write(`began ${id}\n`)
for (;;) process.stdout.write(`replayed ${(await replayedIds(ledger)).length}\n`)
