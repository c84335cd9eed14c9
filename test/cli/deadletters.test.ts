import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { startCli } from '../helpers/cli.ts'
import { anEvent } from '../helpers/events.ts'
import { startAdmin } from '../admin/admin-under-test.ts'
import { aDeadLetter, aFailure, aRequest } from '../helpers/ledger-requests.ts'
import { deadLetters, replayedIds } from '../replay/replays-under-test.ts'
import { sluice, type CliResult } from './sluice.ts'

const deadletters = ({ url }: { readonly url: string }, args: readonly string[]): Promise<CliResult> =>
  sluice(['deadletters', ...args], { env: { SLUICE_ADMIN: url } })

describe('sluice deadletters list', () => {
  it('prints a table, and how to go on', async () => {
    await using admin = await startAdmin()
    const first = await aDeadLetter(admin.ledger)
    await aDeadLetter(admin.ledger)
    const { code, stdout, stderr } = await deadletters(admin, ['list', '--limit', '1'])
    expect([code, stderr]).toEqual([0, `there are more: --after ${first}\n`])
    expect(stdout.split('\n').map(line => line.split(/ {2,}/))).toEqual([
      ['ID', 'PIPELINE', 'STEP', 'AGE', 'REASON'],
      [first, 'comments', 'sentiment', expect.stringMatching(/^\d+s$/), 'STEP_FAILED'],
      ['']
    ])
  })

  it('filters', async () => {
    await using admin = await startAdmin()
    await aDeadLetter(admin.ledger)
    const wanted = await aDeadLetter(admin.ledger, aRequest(), aFailure({ code: 'STEP_TIMEOUT', step: 'filter' }))
    const filter = ['--pipeline', 'comments', '--step', 'filter', '--code', 'STEP_TIMEOUT', '--since', '1h']
    const { stdout } = await deadletters(admin, ['list', ...filter, '-o', 'json'])
    expect(JSON.parse(stdout)).toMatchObject({ items: [{ id: wanted }], next: null })
  })

  it('fails with the problem when the admin plane refuses, or is not there', async () => {
    await using admin = await startAdmin({ token: 's3cret' })
    const refused = await deadletters(admin, ['list'])
    const served = await deadletters(admin, ['list', '--admin-token', 's3cret'])
    const away = await deadletters({ url: 'http://127.0.0.1:1' }, ['list'])
    expect([refused.code, served.code, away.code]).toEqual([1, 0, 1])
    expect(refused.stderr).toContain('UNAUTHENTICATED')
    expect(away.stderr).toContain('cannot be reached')
  })
})

it('shows a dead letter', async () => {
  await using admin = await startAdmin()
  const id = await aDeadLetter(admin.ledger)
  const { stdout } = await deadletters(admin, ['show', id, '--data'])
  expect(parse(stdout)).toMatchObject({
    id,
    code: 'STEP_FAILED',
    event: { id: 'event-1' },
    input: { id: 'event-1.filter' }
  })
})

it('shows a dead letter for a person: its cause, the words of the step, and no base64', async () => {
  await using admin = await startAdmin()
  const event = anEvent({ id: 'photo', datacontenttype: 'image/jpeg', data: Buffer.alloc(600_000, 0xff) })
  const words = { octets: Buffer.from('CUDA out of memory'), text: 'CUDA out of memory', told: true }
  const id = await aDeadLetter(
    admin.ledger,
    aRequest({ event }),
    aFailure({ upstreamBody: words, upstreamStatus: 500 })
  )
  const { stdout } = await deadletters(admin, ['show', id])
  expect(stdout).toMatch(/^step +sentiment, after 4 attempts$/m)
  expect(stdout).toMatch(/^cause +STEP_FAILED: /m)
  expect(stdout).toMatch(/^its words +CUDA out of memory$/m)
  expect(stdout).toMatch(/^ {2}600000 octets that are not text; --data shows them as base64$/m)
  expect(stdout.length).toBeLessThan(2_000)
})

describe('bulk replays', () => {
  it('are listed with how far they are, and stopped', async () => {
    await using admin = await startAdmin()
    await deadLetters(admin.ledger, 5)
    const { stdout } = await deadletters(admin, ['replay', '--all', '--detach', '--rate', '1', '-o', 'json'])
    const { id, total } = JSON.parse(stdout)
    expect(total).toBe(5)
    const listed = await deadletters(admin, ['replays'])
    expect(listed.stdout.split('\n').map(line => line.split(/ {2,}/))).toEqual([
      ['ID', 'STATUS', 'AGE', 'PROGRESS'],
      [id, 'running', expect.stringMatching(/s$/), expect.stringMatching(/^\d of 5 replayed/)],
      ['']
    ])
    const stopped = await deadletters(admin, ['stop', id])
    expect([stopped.code, stopped.stdout]).toEqual([0, expect.stringMatching(/^stopped: \d of 5 replayed\n$/)])
    expect((await deadletters(admin, ['stop', 'nope'])).stderr).toContain('there is no bulk replay "nope"')
  })

  it('go on when Ctrl-C ends the command that follows them, which says so', async () => {
    await using admin = await startAdmin()
    await deadLetters(admin.ledger, 5)
    await using follow = await startCli(['deadletters', 'replay', '--all', '--rate', '1', '--admin', admin.url])
    const [, id = ''] = await follow.waitForLine(/^the bulk replay (\S+) has begun$/)
    follow.kill('SIGINT')
    expect(await follow.exit).toEqual({ code: 130, signal: null })
    expect(follow.output.stderr).toContain(`the replay goes on in the gateway; 'sluice deadletters stop ${id}' ends it`)
    expect((await admin.call(`/replays/${id}`)).body.status).toBe('running')
  })
})

describe('sluice deadletters replay', () => {
  it('replays those that are named', async () => {
    await using admin = await startAdmin()
    const [first = '', second = ''] = await deadLetters(admin.ledger, 3)
    const { code, stdout } = await deadletters(admin, ['replay', first, second, '--from', 'start', '-o', 'json'])
    expect([code, JSON.parse(stdout)]).toMatchObject([0, { items: [{ replayOf: first }, { replayOf: second }] }])
    expect(await replayedIds(admin.ledger)).toEqual([first, second])
  })

  it('names those that cannot be replayed, and goes on with the rest', async () => {
    await using admin = await startAdmin()
    const [first = '', second = ''] = await deadLetters(admin.ledger, 2)
    const { code, stdout, stderr } = await deadletters(admin, ['replay', first, 'nope', second, '-o', 'json'])
    expect([code, JSON.parse(stdout)]).toMatchObject([1, { items: [{ replayOf: first }, { replayOf: second }] }])
    expect(stderr).toMatch(/^nope: There is no such request \(404 REQUEST_NOT_FOUND\)$/m)
    expect(await replayedIds(admin.ledger)).toEqual([first, second])
  })

  it.each([
    { args: ['--all'], replayed: 4 },
    { args: ['--pipeline', 'comments', '--rate', '1000'], replayed: 3 }
  ])('replays in bulk by $args, and waits for the end', async ({ args, replayed }) => {
    await using admin = await startAdmin()
    const ids = await deadLetters(admin.ledger, 3)
    await deadLetters(admin.ledger, 1, { pipeline: 'default/other' })
    const { code, stdout } = await deadletters(admin, ['replay', ...args])
    const job = parse(stdout)
    expect([code, job.status, job.replayed + job.refused]).toEqual([0, 'done', replayed])
    expect(await replayedIds(admin.ledger)).toEqual(ids)
  })

  it('does not wait when it is told so', async () => {
    await using admin = await startAdmin()
    await deadLetters(admin.ledger, 3)
    const { stdout } = await deadletters(admin, ['replay', '--all', '--detach', '--rate', '1', '-o', 'json'])
    expect(JSON.parse(stdout)).toMatchObject({ status: 'running', rate: 1 })
  })
})

describe('sluice deadletters purge', () => {
  it('removes those that are named', async () => {
    await using admin = await startAdmin()
    const [first = '', ...others] = await deadLetters(admin.ledger, 3)
    const { code, stdout } = await deadletters(admin, ['purge', first])
    expect([code, stdout, await admin.ledger.deadLetters.count(undefined)]).toEqual([
      0,
      '1 dead letter removed\n',
      others.length
    ])
  })

  it('names those that are not there, and removes the rest', async () => {
    await using admin = await startAdmin()
    const ids = await deadLetters(admin.ledger, 2)
    const { code, stdout, stderr } = await deadletters(admin, ['purge', 'nope', ...ids, '-o', 'json'])
    expect([code, JSON.parse(stdout), await admin.ledger.deadLetters.count(undefined)]).toEqual([1, { removed: 2 }, 0])
    expect(stderr).toMatch(/^nope: There is no such request \(404 REQUEST_NOT_FOUND\)$/m)
  })

  it('removes those that match', async () => {
    await using admin = await startAdmin()
    await deadLetters(admin.ledger, 120)
    const [other] = await deadLetters(admin.ledger, 1, { pipeline: 'shop/orders' })
    const { stdout } = await deadletters(admin, ['purge', '--pipeline', 'comments', '-o', 'json'])
    const { body } = await admin.call('/deadletters')
    expect([JSON.parse(stdout), body.items]).toMatchObject([{ removed: 120 }, [{ id: other }]])
  })
})

it.each([
  [['replay']],
  [['purge']],
  [['purge', 'some-id', '--all']],
  [['replay', '--all', '--step', 'filter']],
  [['replay', 'some-id', '--step', 'filter']],
  [['replay', '--all', '--from', 'middle']],
  [['list', '--limit', '1001']],
  [['replay', '--all', '--rate', '10001']],
  [['list', '--since', 'yesterday']]
])('is wrong usage: %j', async args => {
  const { code, stdout } = await deadletters({ url: 'http://127.0.0.1:1' }, args)
  expect([code, stdout]).toEqual([2, ''])
})
