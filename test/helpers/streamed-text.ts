import { waitFor } from './wait-for.ts'

/** The text of an answer as it comes. */
export interface StreamedText {
  /** The text that has come so far. */
  readonly text: string
  /** True when the answer is over, however it ended. */
  readonly ended: boolean
  /** The text that has come, once it has this in it. */
  until(part: string): Promise<string>
}

/** Reads the answer to its end, beside the test. */
export function readStreamedText(response: Response): StreamedText {
  let text = ''
  let ended = false
  const read = async (): Promise<void> => {
    for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) text += chunk
  }
  void read()
    .catch(() => {})
    .finally(() => (ended = true))
  return {
    get text() {
      return text
    },
    get ended() {
      return ended
    },
    until: part => waitFor(() => text.includes(part) && text, { what: JSON.stringify(part) })
  }
}
