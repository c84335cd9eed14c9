import type { JSONWebKeySet } from 'jose'
import type { WatchedFile } from '../secrets/watched-file.ts'
import type { KeySource } from './jwt-keys.ts'

const timeoutMs = 5_000
const maxBytes = 1024 * 1024

/** Fetches the key set at a URL. */
export const keySetAt = (url: string): KeySource => ({
  hasChanged: () => false,
  async read() {
    const response = await fetch(url, {
      headers: { accept: 'application/jwk-set+json, application/json' },
      redirect: 'error',
      signal: AbortSignal.timeout(timeoutMs)
    })
    if (!response.ok) {
      await response.body?.cancel()
      throw new Error(`the issuer answered ${response.status}`)
    }
    return keySetOf(await limitedText(response))
  }
})

/** Reads the key set in a file. */
export function keySetIn(file: WatchedFile): KeySource {
  let last: string | undefined
  return {
    hasChanged() {
      const reading = file.read()
      return reading.kind === 'text' && reading.text !== last
    },
    async read() {
      const reading = file.read()
      if (reading.kind === 'unreadable') throw new Error(`${file.path} ${reading.reason}`)
      last = reading.text
      return keySetOf(reading.text)
    }
  }
}

async function limitedText(response: Response): Promise<string> {
  const decoder = new TextDecoder()
  let text = ''
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk, { stream: true })
    if (text.length > maxBytes) throw new Error(`the key set is longer than ${maxBytes} bytes`)
  }
  return text + decoder.decode()
}

/** jose checks what is in it. */
function keySetOf(text: string): JSONWebKeySet {
  const parsed: unknown = JSON.parse(text)
  if (typeof parsed === 'object' && parsed !== null && 'keys' in parsed && Array.isArray(parsed.keys)) {
    return { keys: parsed.keys }
  }
  throw new Error("a JWKS has a list of 'keys'")
}
