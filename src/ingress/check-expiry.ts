import { SluiceError } from '../errors.ts'
import { attribute, type CloudEvent } from '../event/event.ts'
import { expiryOf } from '../event/expiry-time.ts'

/** Refuses an event whose own time is over before anything is done for it. Throws DEADLINE_EXCEEDED. */
export function checkExpiry(event: CloudEvent, now: number): void {
  if (expiryOf(event) > now) return
  const message = `the expirytime of the event, ${attribute(event, 'expirytime')}, was over when it arrived`
  throw new SluiceError('DEADLINE_EXCEEDED', message, { facts: { spent: true } })
}
