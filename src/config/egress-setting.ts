import { isIP } from 'node:net'
import * as z from 'zod'
import { expected } from '../pipeline/spec/expected.ts'
import { splitList } from './split-list.ts'

const expectedRule = expected('public, cluster or allow= with host names, addresses and CIDR blocks')

/** `public`, `cluster`, or `allow=models.example.com,10.0.0.0/8`. */
export const egressSetting = z.string({ error: expectedRule }).transform((text, context) => {
  if (text === 'public' || text === 'cluster') return { kind: text } as const
  const entries = text.startsWith('allow=') ? splitList(text.slice('allow='.length).toLowerCase()) : []
  if (entries.length === 0) {
    context.addIssue({ code: 'custom', message: expectedRule({ input: text }) ?? '' })
    return z.NEVER
  }
  for (const entry of entries.filter(entry => !isEgressEntry(entry))) {
    const message = `allow= takes host names without port or wildcard, addresses and CIDR blocks, found '${entry}'`
    context.addIssue({ code: 'custom', message })
  }
  return { kind: 'allow', entries } as const
})

const hostName = /^[a-z0-9_]([a-z0-9_.-]*[a-z0-9_])?$/

function isEgressEntry(entry: string): boolean {
  const [address = '', prefix, ...rest] = entry.split('/')
  const family = isIP(address)
  if (prefix === undefined) return family !== 0 || hostName.test(entry)
  return rest.length === 0 && family !== 0 && /^\d{1,3}$/.test(prefix) && Number(prefix) <= (family === 6 ? 128 : 32)
}
