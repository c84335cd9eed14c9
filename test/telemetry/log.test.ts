import { describe, expect, it } from 'vitest'
import { startProcess } from '../helpers/process.ts'

const setUp = `
  import { createLogger } from './src/telemetry/log.ts'
  import { SluiceError } from './src/errors.ts'
`

/** A process that logs so writes these lines, an object each. */
async function logged(script: string): Promise<Record<string, unknown>[]> {
  await using child = await startProcess(process.execPath, ['--input-type=module', '-e', setUp + script])
  await child.exit
  const { stdout, stderr } = child.output
  expect(stdout).toBe('')
  return stderr
    .split('\n')
    .slice(0, -1)
    .map(line => JSON.parse(line) as Record<string, unknown>)
}

describe('the log', () => {
  it('is one JSON line each on standard error, with its fields and one sentence', async () => {
    const lines = await logged(`
      const log = createLogger({ logLevel: 'info', logFormat: 'json', logColor: false })
      log.debug({}, 'not shown')
      log.info({ pipeline: 'default/comments', requestId: 'r', traceId: 't' }, 'a request came')
      log.warn({}, 'two\\nlines')
    `)
    expect(lines).toMatchObject([
      {
        level: 30,
        service: 'sluice',
        pipeline: 'default/comments',
        requestId: 'r',
        traceId: 't',
        msg: 'a request came'
      },
      { level: 40, msg: 'two\nlines' }
    ])
  })

  it('is silent when told so', async () => {
    expect(
      await logged(`createLogger({ logLevel: 'silent', logFormat: 'json', logColor: false }).error({}, 'nothing')`)
    ).toEqual([])
  })

  it('is written before the process dies', async () => {
    const lines = await logged(`
      createLogger({ logLevel: 'info', logFormat: 'json', logColor: false }).error({}, 'the last words')
      process.kill(process.pid, 'SIGKILL')
    `)
    expect(lines).toMatchObject([{ msg: 'the last words' }])
  })

  it('tells a failure by its code, its facts and its cause', async () => {
    const [line] = await logged(`
      const facts = { pipeline: 'default/comments', step: 'filter', attempts: 4, upstreamStatus: 500 }
      const err = new SluiceError('STEP_FAILED', 'it answered 500', { facts, cause: new Error('the cause') })
      createLogger({ logLevel: 'info', logFormat: 'json', logColor: false }).warn({ err }, 'a request failed')
    `)
    expect(line?.['err']).toMatchObject({
      code: 'STEP_FAILED',
      message: 'it answered 500',
      pipeline: 'default/comments',
      step: 'filter',
      attempts: 4,
      upstreamStatus: 500,
      cause: expect.stringContaining('the cause') as string
    })
  })

  it('tells what the failing step said, where that may be told', async () => {
    const [line] = await logged(`
      const facts = { upstreamBody: { octets: Buffer.from('no memory'), text: 'no memory', told: true } }
      createLogger({ logLevel: 'info', logFormat: 'json', logColor: false }).warn({ err: new SluiceError('STEP_FAILED', 'it answered 500', { facts }) }, 'a request failed')
    `)
    expect(line?.['err']).toMatchObject({ upstreamBody: 'no memory' })
  })

  it('tells a defect with its stack', async () => {
    const [line] = await logged(
      `createLogger({ logLevel: 'info', logFormat: 'json', logColor: false }).error({ err: new TypeError('a defect') }, 'oh')`
    )
    expect(line?.['err']).toMatchObject({
      type: 'TypeError',
      stack: expect.stringContaining('a defect\n    at ') as string
    })
  })

  it('never tells secrets or payloads', async () => {
    const lines = await logged(`
      const secret = 'top-secret'
      const log = createLogger({ logLevel: 'info', logFormat: 'json', logColor: false })
      const facts = { upstreamBody: { octets: Buffer.from(secret), text: secret, told: false } }
      log.warn({ err: new SluiceError('STEP_FAILED', 'it failed', { facts }) }, 'a request failed')
      log.info({ headers: { authorization: secret, cookie: secret }, token: secret, authToken: secret }, 'settings')
      try { JSON.parse(secret) } catch (cause) {
        log.warn({ err: new SluiceError('STEP_BAD_REPLY', 'not JSON', { cause }) }, 'a request failed')
        log.error({ err: cause }, 'a defect')
      }
    `)
    expect(lines).toHaveLength(4)
    expect(JSON.stringify(lines)).not.toMatch(/top|116,111,112/)
  })
})
