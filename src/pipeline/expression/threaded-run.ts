import { SluiceError } from '../../errors.ts'
import type { Conduct } from './conduct.ts'
import { expressionLimits as limits } from './expression-limits.ts'
import { ExpressionThread } from './expression-thread.ts'
import type { Scope } from './scope.ts'
import type { Done, Task, TaskEnd } from './task.ts'

/*
 * Two threads for the process: one in which no expression stays for more than a few milliseconds, so that the honest
 * ones need not wait for the others, and one for those that took longer.
 */
const brisk = new ExpressionThread('brisk')
const patient = new ExpressionThread('patient')

/** Of processor time. */
const briskMs = 10

/** Evaluates off the event loop, in the thread that fits what is known of the expression. Throws SluiceError. */
export async function runThreaded(
  source: string,
  scope: Scope,
  wants: Task['wants'],
  conduct: Conduct,
  deadline: number
): Promise<Exclude<Done, { kind: 'failed' }>> {
  if (conduct.lane !== 'patient') {
    const task = { source, scope, wants, milliseconds: briskMs, brisk: true }
    const end = await brisk.run(conduct, task, deadline)
    if (end.kind !== 'overrun') return read(end, conduct)
    conduct.overran('brisk')
  }
  const task = { source, scope, wants, milliseconds: limits.milliseconds, brisk: false }
  return read(await patient.run(conduct, task, deadline), conduct)
}

function read(end: TaskEnd, conduct: Conduct): Exclude<Done, { kind: 'failed' }> {
  if (end.kind === 'overrun') throw new Error('a patient task overran')
  conduct.took(end.cpuMs)
  if (end.kind === 'failed') throw new SluiceError(end.code, end.message)
  return end
}
