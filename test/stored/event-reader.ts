import type { StatusDocument } from '../../src/ledger/record/status-document.ts'

/** A server-sent event. */
export interface ServerSentEvent {
  readonly id: string
  readonly event: string
  readonly data: StatusDocument
}

/** The events of an answer, as they come; ends when the server ends it. Comments are left out. */
export async function* readServerSentEvents(answer: Response): AsyncGenerator<ServerSentEvent, void> {
  let text = ''
  for await (const chunk of answer.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    const blocks = (text + chunk).split('\n\n')
    text = blocks.pop() ?? ''
    for (const block of blocks) {
      const fields = new Map(
        block.split('\n').map(line => [line.split(': ', 1)[0], line.slice(line.indexOf(': ') + 2)])
      )
      const data = fields.get('data')
      if (data === undefined) continue
      yield { id: fields.get('id') ?? '', event: fields.get('event') ?? '', data: JSON.parse(data) as StatusDocument }
    }
  }
}

/** All events that are still to come. */
export async function restOf(events: AsyncIterable<ServerSentEvent>): Promise<readonly ServerSentEvent[]> {
  const rest: ServerSentEvent[] = []
  for await (const event of events) rest.push(event)
  return rest
}
