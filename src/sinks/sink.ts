import type { CloudEvent } from '../event/event.ts'

/** Where events of a pipeline go. One that was given twice is there twice: an outage may leave open whether it is. */
export interface Sink {
  /** Resolves when the event is there. Throws a SluiceError that says whether another try may help. */
  take(event: CloudEvent): Promise<void>
}
