import type { LookupAddress } from 'node:dns'
import { Resolver } from 'node:dns/promises'
import { setTimeout as delay } from 'node:timers/promises'

export type Answer = { readonly addresses: readonly LookupAddress[] } | { readonly code: string }

/** Time for one question to one server, which grows with each try. */
const timeoutMs = 2_000
const tries = 3

/** Some servers say nothing to questions for IPv6; whoever has an address waits no longer than this for others. */
const patienceMs = 250

/**
 * Asks the name servers of this machine for the addresses of a complete name, IPv4 first. Each question has sockets of
 * its own and no thread, so that none waits for another; the signal gives it up.
 */
export async function askServers(
  name: string,
  signal: AbortSignal,
  servers: readonly string[] | undefined
): Promise<Answer> {
  if (signal.aborted) return { code: 'ECANCELLED' }
  const resolver = new Resolver({ timeout: timeoutMs, tries })
  if (servers !== undefined) resolver.setServers(servers)
  const done = new AbortController()
  const cancel = (): void => resolver.cancel()
  signal.addEventListener('abort', cancel)
  try {
    const questions = [answerOf(resolver.resolve4(name), 4), answerOf(resolver.resolve6(name), 6)]
    const first = await Promise.race(questions)
    if (!('addresses' in first)) return joined(await Promise.all(questions))
    const patience = delay(patienceMs, first, { signal: done.signal }).catch(() => first)
    const answers = await Promise.all(questions.map(question => Promise.race([question, patience])))
    return joined([...new Set(answers)])
  } finally {
    signal.removeEventListener('abort', cancel)
    done.abort()
    cancel()
  }
}

const answerOf = (asked: Promise<string[]>, family: 4 | 6): Promise<Answer> =>
  asked.then(
    found => ({ addresses: found.map(address => ({ address, family })) }),
    (thrown: unknown) => ({ code: codeOf(thrown) })
  )

const codeOf = (thrown: unknown): string =>
  thrown instanceof Error && 'code' in thrown ? String(thrown.code) : String(thrown)

/** There may be no such addresses; any other reason is the better one to tell. */
const isDefinite = (code: string): boolean => code === 'ENOTFOUND' || code === 'ENODATA'

function joined(answers: readonly Answer[]): Answer {
  const addresses = answers.flatMap(answer => ('addresses' in answer ? answer.addresses : []))
  if (addresses.length > 0) return { addresses: addresses.toSorted((a, b) => a.family - b.family) }
  const codes = answers.flatMap(answer => ('code' in answer ? [answer.code] : []))
  return { code: codes.find(code => !isDefinite(code)) ?? codes[0] ?? 'ENODATA' }
}
