import { describe, expect, it } from 'vitest'
import { freePort } from '../helpers/loopback.ts'
import { startStep } from '../helpers/step-server.ts'
import { createTempFolder } from '../helpers/temp-folder.ts'
import { sluice } from './sluice.ts'

const json = (value: unknown, status = 200, contentType = 'application/json') => ({
  status,
  headers: { 'content-type': contentType },
  body: JSON.stringify(value)
})

describe('the call', () => {
  it('goes to the pipeline, in the default namespace unless it is named', async () => {
    await using gateway = await startStep(json({}))
    await sluice(['send', 'comments', '--gateway', gateway.url])
    await sluice(['send', 'shop/comments'], { env: { SLUICE_GATEWAY: `${gateway.url}/behind/a/proxy/` } })
    expect(gateway.requests.map(({ method, url }) => `${method} ${url}`)).toEqual([
      'POST /default/comments',
      'POST /behind/a/proxy/shop/comments'
    ])
  })

  it.each([
    { data: '{"text": "Hi"}', contentType: 'application/json' },
    { data: '"', contentType: 'text/plain' }
  ])('sends $data to the byte, as $contentType', async ({ data, contentType }) => {
    await using gateway = await startStep(json({}))
    await sluice(['send', 'comments', '-d', data, '--gateway', gateway.url])
    const [request] = gateway.requests
    expect([request?.body.toString(), request?.headers['content-type']]).toEqual([data, contentType])
  })

  it.each([
    { name: 'photo.jpg', data: Uint8Array.of(0xff, 0xd8), contentType: 'image/jpeg' },
    { name: 'unknown', data: Uint8Array.of(0xff, 0), contentType: 'application/octet-stream' },
    { name: 'unknown', data: '[1]', contentType: 'application/json' },
    { name: 'list.txt', data: '[not JSON', contentType: 'text/plain' }
  ])('knows of $name that it is $contentType', async ({ name, data, contentType }) => {
    await using gateway = await startStep(json({}))
    await using folder = await createTempFolder()
    const file = await folder.write(name, data)
    expect((await sluice(['send', 'faces', '-d', `@${file}`, '--gateway', gateway.url])).code).toBe(0)
    expect(gateway.requests[0]?.headers['content-type']).toBe(contentType)
  })

  it('is not made with data that is nearly JSON', async () => {
    await using gateway = await startStep(json({}))
    const { code, stderr } = await sluice(['send', 'comments', '-d', '{bad', '--gateway', gateway.url])
    expect([code, stderr]).toEqual([
      2,
      expect.stringMatching(/^the data looks like JSON, but is not: .*--content-type\n$/)
    ])
    expect(gateway.requests).toEqual([])
    const named = ['send', 'comments', '-d', '{bad', '--content-type', 'text/plain', '--gateway', gateway.url]
    expect((await sluice(named)).code).toBe(0)
  })

  it('sends no content type without data', async () => {
    await using gateway = await startStep(json({}))
    await sluice(['send', 'comments', '--gateway', gateway.url])
    expect(gateway.requests[0]?.headers['content-type']).toBeUndefined()
  })

  it('sends bytes from a file or from stdin', async () => {
    await using gateway = await startStep(json({}))
    await using folder = await createTempFolder()
    const bytes = Uint8Array.of(0, 255, 10)
    const file = await folder.write('image.bin', bytes)
    const options = ['--content-type', 'image/x-test', '--gateway', gateway.url]
    await sluice(['send', 'comments', '-d', `@${file}`, ...options])
    await sluice(['send', 'comments', '-d', '@-', ...options], { stdin: file })
    expect(gateway.requests.map(({ body, headers }) => [[...body], headers['content-type']])).toEqual([
      [[0, 255, 10], 'image/x-test'],
      [[0, 255, 10], 'image/x-test']
    ])
  })

  it('is a CloudEvent in binary mode with --type', async () => {
    await using gateway = await startStep(json({}))
    await sluice(['send', 'comments', '-d', '{}', '--type', 'com.example.naïve', '--gateway', gateway.url])
    expect(gateway.requests[0]?.headers).toMatchObject({
      'content-type': 'application/json',
      'ce-specversion': '1.0',
      'ce-id': expect.stringMatching(/^[0-9a-f-]{36}$/),
      'ce-source': 'sluice-cli',
      'ce-type': 'com.example.na%C3%AFve'
    })
  })

  it('carries the token and headers that are given, which win', async () => {
    await using gateway = await startStep(json({}))
    const headers = ['-H', 'X-Request-Id: 7', '-H', 'Content-Type:text/csv', '-H', 'x-list: a', '-H', 'x-list: b']
    const args = ['send', 'comments', '-d', '1', '--token', 's3cret', ...headers, '--gateway', gateway.url]
    await sluice(args)
    expect(gateway.requests[0]?.headers).toMatchObject({
      authorization: 'Bearer s3cret',
      'content-type': 'text/csv',
      'x-request-id': '7',
      'x-list': 'a, b'
    })
  })
})

describe('the reply', () => {
  it('is printed to the byte', async () => {
    await using gateway = await startStep({ body: Buffer.from('{"a" :1e2}\r\n\u0000ÿ', 'latin1') })
    const { code, stdout } = await sluice(['send', 'comments', '--gateway', gateway.url])
    expect([code, stdout]).toEqual([0, '{"a" :1e2}\r\n\u0000\ufffd'])
  })

  it('names the step that filtered', async () => {
    await using gateway = await startStep({
      status: 204,
      headers: { 'sluice-outcome': 'filtered', 'sluice-step': 'spam' }
    })
    expect(await sluice(['send', 'comments', '--gateway', gateway.url])).toEqual({
      code: 0,
      stdout: '',
      stderr: 'filtered by step spam\n'
    })
  })

  it.each([
    { output: 'json', body: json({ score: 0.5 }), expected: { score: 0.5 } },
    { output: 'json', body: { headers: { 'content-type': 'text/plain' }, body: 'fine' }, expected: 'fine' }
  ])('is a document with -o $output', async ({ body, expected }) => {
    await using gateway = await startStep({ ...body, headers: { ...body.headers, 'ce-type': 'a', 'x-other': 'b' } })
    const { code, stdout } = await sluice(['send', 'comments', '-o', 'json', '--gateway', gateway.url])
    const headers = { 'content-type': body.headers['content-type'], 'ce-type': 'a' }
    expect([code, JSON.parse(stdout)]).toEqual([0, { status: 200, headers, body: expected }])
  })

  it('is YAML with -o yaml', async () => {
    await using gateway = await startStep(json({ score: 0.5 }))
    const { stdout } = await sluice(['send', 'comments', '-o', 'yaml', '--gateway', gateway.url])
    expect(stdout).toBe('status: 200\nheaders:\n  content-type: application/json\nbody:\n  score: 0.5\n')
  })
})

describe('a failure', () => {
  const problem = {
    type: 'https://sluice.dev/problems/step-failed',
    title: 'A step answered with an error',
    status: 502,
    detail: 'http://localhost:9102 answered 503',
    code: 'STEP_FAILED',
    pipeline: 'default/comments',
    step: 'sentiment',
    attempts: 4,
    upstreamStatus: 503,
    faults: ['/text: must be a string'],
    requestId: '0198'
  }

  it('tells all that the problem document knows', async () => {
    await using gateway = await startStep({
      ...json(problem, 502),
      headers: { 'content-type': 'application/problem+json; charset=utf-8', 'retry-after': '3' }
    })
    const { code, stdout, stderr } = await sluice(['send', 'comments', '--gateway', gateway.url])
    expect([code, stdout]).toEqual([1, ''])
    expect(stderr).toBe(`A step answered with an error (502 STEP_FAILED)
  http://localhost:9102 answered 503
  - /text: must be a string
  pipeline: default/comments
  step: sentiment
  attempts: 4
  status of the step: 503
  request id: 0198
  try again after: 3 s
`)
  })

  it('is told once when its detail is its faults', async () => {
    const faults = ["limit: must be a whole number from 1 to 1000, found '0'", 'statu: unknown parameter']
    await using gateway = await startStep(
      json({ title: 'The request is not valid', code: 'INVALID_REQUEST', detail: faults.join('; '), faults }, 400)
    )
    const { stderr } = await sluice(['send', 'comments', '--gateway', gateway.url])
    expect(stderr).toBe(`The request is not valid (400 INVALID_REQUEST)
  - limit: must be a whole number from 1 to 1000, found '0'
  - statu: unknown parameter
`)
  })

  it('is a document with -o json, and still a failure', async () => {
    await using gateway = await startStep(json(problem, 502, 'application/problem+json'))
    const { code, stdout } = await sluice(['send', 'comments', '-o', 'json', '--gateway', gateway.url])
    expect([code, JSON.parse(stdout)]).toMatchObject([1, { status: 502, body: problem }])
  })

  it('quotes an answer that is no problem document, and follows no redirect', async () => {
    await using gateway = await startStep({ status: 302, headers: { location: '/login' }, body: 'Sign in' })
    const { code, stderr } = await sluice(['send', 'comments', '--gateway', gateway.url])
    expect([code, stderr]).toEqual([1, `${gateway.url}/default/comments answered 302\nSign in\n`])
    expect(gateway.requests).toHaveLength(1)
  })

  it('says where no gateway is, and how to start one', async () => {
    const url = `http://127.0.0.1:${await freePort()}`
    expect(await sluice(['send', 'comments', '--gateway', url])).toEqual({
      code: 1,
      stdout: '',
      stderr: `the gateway at ${url} cannot be reached (ECONNREFUSED); start one with 'sluice run FILES', or name another with --gateway URL\n`
    })
  })

  it('names the data file that is not there', async () => {
    const { code, stderr } = await sluice(['send', 'comments', '-d', '@no-such-file'])
    expect([code, stderr]).toEqual([1, 'cannot read no-such-file: no such file or directory\n'])
  })

  it.each([
    { wrong: 'a/b/c', args: ['a/b/c'], says: 'Write NAME or NAMESPACE/NAME.' },
    { wrong: 'no pipeline', args: [], says: "missing required argument 'pipeline'" },
    { wrong: 'a header', args: ['a', '-H', 'nonsense'], says: "Write 'Name: value'" },
    { wrong: 'a header that would be two', args: ['a', '-H', 'a: b\r\nc: d'], says: "Write 'Name: value'" },
    { wrong: 'a gateway', args: ['a', '--gateway', 'localhost:8080'], says: 'It must begin with http:// or https://.' },
    { wrong: 'a format', args: ['a', '-o', 'xml'], says: 'Allowed choices are table, json, yaml.' }
  ])('is wrong usage for $wrong', async ({ args, says }) => {
    const { code, stderr } = await sluice(['send', ...args])
    expect(code).toBe(2)
    expect(stderr).toContain(says)
  })
})
