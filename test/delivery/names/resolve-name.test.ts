import { describe, expect, it } from 'vitest'
import { createNameResolver } from '../../../src/delivery/names/resolve-name.ts'
import { startFairClock } from '../../helpers/fair-clock.ts'
import { startNameServer, type Zone } from '../../helpers/name-server.ts'
import { createTempFolder } from '../../helpers/temp-folder.ts'

interface Machine {
  readonly zone?: Zone
  readonly hosts?: string
  readonly resolvConf?: string
}

/** Answers the addresses that a machine which is set up so finds for a name, and the questions to its name server. */
async function resolve(name: string, { zone = {}, hosts = '', resolvConf = '' }: Machine, signal = never) {
  await using folder = await createTempFolder()
  await using server = await startNameServer(zone)
  const resolveName = createNameResolver({
    hostsFile: await folder.write('hosts', hosts),
    resolvConf: await folder.write('resolv.conf', resolvConf),
    servers: [server.address]
  })
  const outcome = await resolveName(name, signal).then(
    found => found.map(({ address }) => address),
    (thrown: Error & { code?: string }) => thrown.code
  )
  return { outcome, questions: server.questions }
}

const never = new AbortController().signal

describe('the addresses of a name', () => {
  it('come from the hosts file first, in its order, and no server is asked', async () => {
    const hosts = '# comment\n127.0.0.1 localhost\n10.0.0.9\tModel.test alias # here\n::9 model.test\n'
    const { outcome, questions } = await resolve('model.TEST', { hosts, zone: { 'model.test': ['10.0.0.1'] } })
    expect(outcome).toEqual(['10.0.0.9', '::9'])
    expect(questions).toEqual([])
  })

  it('come from the name server, IPv4 first', async () => {
    const zone = { 'model.test': ['fd00::1', '10.0.0.1', '10.0.0.2'] }
    expect((await resolve('model.test', { zone })).outcome).toEqual(['10.0.0.1', '10.0.0.2', 'fd00::1'])
  })

  it('may all be IPv6', async () => {
    expect((await resolve('model.test', { zone: { 'model.test': ['fd00::1'] } })).outcome).toEqual(['fd00::1'])
  })

  it('are found in the search domains', async () => {
    const zone = { 'model.default.svc.cluster.test': ['10.0.0.1'] }
    const resolvConf = 'nameserver 10.0.0.10\nsearch default.svc.cluster.test svc.cluster.test\noptions ndots:5\n'
    expect((await resolve('model', { zone, resolvConf })).outcome).toEqual(['10.0.0.1'])
  })

  it('of a complete name are asked for in no search domain', async () => {
    const resolvConf = 'search cluster.test\noptions ndots:5\n'
    const { outcome, questions } = await resolve('model.test.', { zone: { 'model.test': ['10.0.0.1'] }, resolvConf })
    expect(outcome).toEqual(['10.0.0.1'])
    expect(questions.toSorted()).toEqual(['A model.test', 'AAAA model.test'])
  })

  it('are there without the answer of a server that ignores questions for IPv6', async () => {
    const zone: Zone = { 'model.test': ['10.0.0.1'], 'AAAA model.test': 'silence' }
    const clock = startFairClock()
    expect((await resolve('model.test', { zone })).outcome).toEqual(['10.0.0.1'])
    expect(clock.elapsed()).toBeLessThan(1_800)
  })

  it('of localhost are those of the machine itself, whatever servers say', async () => {
    for (const name of ['localhost', 'model.localhost']) {
      expect((await resolve(name, { zone: { [name]: ['10.0.0.1'] } })).outcome).toEqual(['127.0.0.1', '::1'])
    }
  })

  it('of a name that nobody knows are none', async () => {
    expect((await resolve('model.invalid', {})).outcome).toMatch(/^(ENOTFOUND|EAI_AGAIN)$/)
  })

  it('of a silent server are given up by who asked', async () => {
    const clock = startFairClock()
    const { outcome } = await resolve('model.test', { zone: { 'model.test': 'silence' } }, AbortSignal.timeout(50))
    expect(outcome).toBe('ECANCELLED')
    expect(clock.elapsed()).toBeLessThan(1_500)
  })

  it('follow the hosts file when it changes', async () => {
    await using folder = await createTempFolder()
    const hostsFile = await folder.write('hosts', '10.0.0.1 model')
    const resolveName = createNameResolver({ hostsFile, resolvConf: '/nowhere', servers: ['127.0.0.1:1'] })
    expect(await resolveName('model', never)).toEqual([{ address: '10.0.0.1', family: 4 }])
    await folder.write('hosts', '10.0.0.2 model other')
    expect(await resolveName('model', never)).toEqual([{ address: '10.0.0.2', family: 4 }])
  })
})
