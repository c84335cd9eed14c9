import { parseArgs } from 'node:util'
import { faultTable } from '../faults/fault-table.ts'
import { surfaces, type Surface } from './corpus.ts'
import { runFuzz } from './fuzz.ts'

/*
 * npm run test:fuzz -- [--minutes M] [--seed S] [--only framing,events,stored,inference,admin,steps]
 *
 * Figures go to stdout, progress to stderr; exits with 1 when a promise is broken. What found a fault becomes a file of the
 * corpus. The same seed gives the same inputs. Memory and the times of the side client are judged from one minute on, and
 * mean something on a machine that has nothing else to do: there inputs go at the pace that keeps the gateway busy for half
 * of a processor.
 */

const usualMinutes = 10

const { values: flags } = parseArgs({
  options: { minutes: { type: 'string' }, seed: { type: 'string' }, only: { type: 'string' } }
})
const minutes = numberOf('minutes', flags.minutes) ?? usualMinutes
const seed = numberOf('seed', flags.seed) ?? Math.floor(Math.random() * 1_000_000)

console.log(`Node ${process.version}, seed ${seed}, ${minutes} minutes`)
const audit = await runFuzz({
  seed,
  surfaces: chosenSurfaces(flags.only),
  seconds: minutes * 60,
  judgeFigures: minutes >= 1,
  progress: message => console.error(message)
})
console.log(`\n${faultTable('fuzz', audit)}`)
if (audit.broken.length > 0) process.exitCode = 1

function chosenSurfaces(only: string | undefined): readonly Surface[] {
  if (only === undefined) return surfaces
  const names = only.split(',')
  const chosen = surfaces.filter(surface => names.includes(surface))
  if (chosen.length !== names.length) refuse(`--only takes some of ${surfaces.join(',')}`)
  return chosen
}

function numberOf(flag: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const number = Number(text)
  if (!/^\d{1,9}(\.\d{1,3})?$/.test(text) || number === 0) refuse(`--${flag} takes a number above 0`)
  return number
}

function refuse(message: string): never {
  console.error(message)
  process.exit(2)
}
