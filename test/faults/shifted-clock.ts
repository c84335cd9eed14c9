import { readFileSync } from 'node:fs'

/*
 * Loaded into a gateway before its own code (`node --import`): the wall clock goes wrong by as many milliseconds as the
 * file says that SHIFTED_CLOCK names, from the moment when it says so. Clocks that run evenly stay as they are, as they do
 * when somebody sets the clock of a machine.
 */

const file = process.env['SHIFTED_CLOCK'] ?? ''
const RealDate = Date
const now = (): number => RealDate.now() + Number(readFileSync(file, 'utf8'))

globalThis.Date = new Proxy(RealDate, {
  construct: (target, args, newTarget) =>
    Reflect.construct(target, args.length === 0 ? [now()] : args, newTarget) as object,
  get: (target, key): unknown => (key === 'now' ? now : Reflect.get(target, key))
})
