import type { Audit } from './kills/accounting.ts'
import { runBlackout } from './blackout.ts'
import type { FaultOptions } from './fault-part.ts'

const resetMs = 10_000
/** The way from one in flight to all, on a slow machine. */
const rampMs = 5_000

/** A step that fails totally for a minute, behind a breaker with the times that it has when it is told nothing. */
export async function auditBlackout({ progress }: FaultOptions): Promise<Audit> {
  progress('blackout: two minutes')
  const figures = await runBlackout({
    beforeMs: 20_000,
    blackoutMs: 60_000,
    afterMs: 40_000,
    rollingCountTimeout: 'PT10S',
    resetTimeout: 'PT10S'
  })
  const { accepted, replied, deadLetteredBefore, deadLetteredWhileOpen, attemptsPerRequest, recoveryMs } = figures
  const checks: [boolean, string][] = [
    [replied + deadLetteredBefore + deadLetteredWhileOpen === accepted, 'requests are lost'],
    [deadLetteredWhileOpen === 0, 'an open breaker dead-lettered requests'],
    [attemptsPerRequest < 1.3, 'the failing step was not spared'],
    [recoveryMs < resetMs + rampMs, 'the recovery took too long']
  ]
  return { figures: { ...figures }, broken: checks.filter(([kept]) => !kept).map(([, fault]) => fault) }
}
