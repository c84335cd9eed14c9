import { killWhileEntriesPass } from './entry-kills.ts'

/* 100,000 entries of a stream, and ten kills: minutes, where the test has 2,000 entries. */

const entries = Number(process.argv[2] ?? 100_000)
const verdict = await killWhileEntriesPass({ entries, kills: 10, tell: line => process.stdout.write(`${line}\n`) })
process.stdout.write(`${JSON.stringify({ entries, ...verdict })}\n`)
if (verdict.lost > 0 || verdict.pending > 0 || verdict.repeats > verdict.inFlight) process.exitCode = 1
