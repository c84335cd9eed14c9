import { sqliteObstacle } from '../../../src/ledger/sqlite/obstacle.ts'

/* A process of its own, which says why the store of the path cannot be opened; root, who may everything, becomes nobody. */

const [path = ''] = process.argv.slice(2)
if (process.getuid?.() === 0) process.setuid?.(65_534)
process.stdout.write(`${sqliteObstacle(path) ?? 'nothing'}\n`)
