import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { startCli } from '../helpers/cli.ts'
import { startIssuer } from '../helpers/issuer.ts'
import { startStep } from '../helpers/step-server.ts'
import { createTempFolder } from '../helpers/temp-folder.ts'
import { waitFor } from '../helpers/wait-for.ts'

/** Secrets of a gateway and of those who call it, and one of a step that answers with its own. */
const canaries = {
  env: 'canary-env-01',
  file: 'canary-file-02',
  variable: 'canary-variable-03',
  fallback: 'canary-fallback-04',
  sink: 'canary-sink-05',
  query: 'canary-query-06',
  nameless: 'canary-nameless-07',
  named: 'canary-named-08',
  admin: 'canary-admin-09',
  otlp: 'canary-otlp-10',
  otlpUser: 'canary-otlpuser-11',
  wrong: 'canary-wrong-12',
  wrongAdmin: 'canary-wrongadmin-13',
  redirectUser: 'canary-redirectuser-14',
  redirectQuery: 'canary-redirectquery-15',
  claim: 'canary-claim-16',
  reply: 'canary-reply-17'
}

/** A definition is stored as it was written, and has no secrets from its store. */
const written = { text: 'canary-text-18', writtenQuery: 'canary-writtenquery-19' }

const childProgram = `require('node:http').createServer((q, s) => s.end(JSON.stringify(process.env)))
  .listen(process.env.PORT)`

it('no secret is in a log, trace, metric, problem, list, store or child, and each is on the wire where it belongs', async () => {
  await using folder = await createTempFolder()
  await using issuer = await startIssuer()
  await using collector = await startStep({ headers: { 'content-type': 'application/json' }, body: '{}' })
  await using well = await startStep({ body: '{"well":true}' })
  await using failing = await startStep(500)
  await using redirecting = await startStep({
    status: 302,
    headers: { location: `http://me:${canaries.redirectUser}@elsewhere.test/?key=${canaries.redirectQuery}` }
  })
  await using sink = await startStep(200)
  const keys = {
    'x-env': { env: 'MODEL_KEY', prefix: 'Bearer ' },
    'x-file': { file: 'model.key' },
    'x-variable': 'k ${MODEL_VARIABLE}',
    authorization: written.text
  }
  const called = (url: string) => ({
    uri: `${url}/model?key=\${MODEL_QUERY}&other=${written.writtenQuery}`,
    headers: keys,
    delivery: { retry: 1, backoffDelay: '1ms' }
  })
  const pipelines = {
    well: { steps: [called(well.url)] },
    child: { steps: [{ run: { command: ['node', '-e', childProgram] }, headers: keys }] },
    failing: { steps: [called(failing.url)] },
    refused: { steps: [called('http://127.0.0.1:9')] },
    redirecting: { steps: [called(redirecting.url)] },
    helped: {
      steps: [
        {
          ...called(failing.url),
          onFailure: { fallback: { uri: well.url, headers: { 'x-fallback': { env: 'FALLBACK_KEY' } } } }
        }
      ]
    },
    replying: { steps: [called(well.url)], reply: { uri: well.url, headers: { 'x-reply': { env: 'REPLY_KEY' } } } },
    missing: { steps: [{ uri: well.url, headers: { ...keys, 'x-none': { env: 'NOT_SET' } } }] }
  }
  for (const [name, spec] of Object.entries(pipelines)) {
    const delivery = { deadLetterSink: { uri: sink.url, headers: { 'x-sink': { env: 'SINK_KEY' } } } }
    const document = {
      apiVersion: 'sluice.dev/v1alpha1',
      kind: 'ServingPipeline',
      metadata: { name },
      spec: { delivery, ...spec }
    }
    await folder.write(`pipelines/${name}.json`, JSON.stringify(document))
  }
  await folder.write('pipelines/model.key', `${canaries.file}\n`)
  await folder.write('tokens', `shop ${canaries.named}\n`)
  const jwt = ['--jwt-issuer', issuer.url, '--jwt-jwks', issuer.url]
  await using gateway = await startCli(
    ['run', 'pipelines', '--port', '0', '--admin-port', '0', '--log-level', 'trace', '--auth-tokens', 'tokens', ...jwt],
    {
      cwd: folder.path,
      env: {
        MODEL_KEY: canaries.env,
        MODEL_VARIABLE: canaries.variable,
        MODEL_QUERY: canaries.query,
        FALLBACK_KEY: canaries.fallback,
        SINK_KEY: canaries.sink,
        REPLY_KEY: canaries.reply,
        SLUICE_AUTH_TOKEN: canaries.nameless,
        SLUICE_ADMIN_TOKEN: canaries.admin,
        OTEL_EXPORTER_OTLP_ENDPOINT: collector.url.replace('//', `//user:${canaries.otlpUser}@`),
        OTEL_EXPORTER_OTLP_HEADERS: `x-key=${canaries.otlp}`,
        OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json'
      }
    }
  )
  const [, url = '', adminUrl = ''] = await gateway.waitForLine(/^sluice ready on (\S+) \(admin (http[^,]+), /)
  const said: string[] = []
  const ask = async (target: string, token: string, init: RequestInit = {}, headers: Record<string, string> = {}) => {
    const answer = await fetch(target, {
      ...init,
      headers: { 'content-type': 'application/json', ...headers, authorization: `Bearer ${token}` }
    })
    said.push(`${JSON.stringify([...answer.headers])}\n${await answer.text()}`)
    return answer
  }
  const token = await issuer.sign({ email: canaries.claim })
  const bad = await issuer.sign({ exp: 1, email: canaries.claim })
  for (const name of Object.keys(pipelines)) {
    for (const bearer of [canaries.named, canaries.nameless, token, canaries.wrong, bad]) {
      const post = { method: 'POST', body: '{}' }
      await ask(`${url}/default/${name}`, bearer, post)
      await ask(`${url}/default/${name}`, bearer, post, { accept: 'text/event-stream' })
      await ask(`${url}/default/${name}`, bearer, post, {
        prefer: 'respond-async, wait=5',
        'idempotency-key': `"${name}"`
      })
    }
  }
  const letters = async (): Promise<{ items: { id: string }[] }> => {
    const answer = await ask(`${adminUrl}/deadletters`, canaries.admin)
    expect(answer.status).toBe(200)
    return JSON.parse(said.at(-1)?.split('\n').slice(1).join('\n') ?? '')
  }
  const { items } = await waitFor(
    async () => {
      const read = await letters()
      return read.items.length > 2 && read
    },
    { what: 'the dead letters', timeoutMs: 30_000 }
  )
  for (const { id } of items) await ask(`${adminUrl}/deadletters/${id}`, canaries.admin)
  await ask(`${adminUrl}/deadletters/replay`, canaries.admin, { method: 'POST' })
  for (const path of ['/readyz?verbose', '/metrics', '/requests', '/breakers', '/replays']) {
    await ask(`${adminUrl}${path}`, canaries.admin)
    await ask(`${adminUrl}${path}`, canaries.wrongAdmin)
  }
  await ask(`${url}/`, canaries.named)
  await sink.waitForRequests(1)

  // On the wire where they belong.
  const [first] = well.requests
  expect(first?.headers).toMatchObject({
    'x-env': `Bearer ${canaries.env}`,
    'x-file': canaries.file,
    'x-variable': `k ${canaries.variable}`,
    authorization: written.text
  })
  expect(first?.url).toBe(`/model?key=${canaries.query}&other=${written.writtenQuery}`)
  expect(well.requests.map(({ headers }) => headers['x-fallback'])).toContain(canaries.fallback)
  expect(well.requests.map(({ headers }) => headers['x-reply'])).toContain(canaries.reply)
  expect(sink.requests[0]?.headers['x-sink']).toBe(canaries.sink)
  await waitFor(() => collector.requests.length > 0, { what: 'a trace', timeoutMs: 30_000 })
  expect(collector.requests[0]?.headers['x-key']).toBe(canaries.otlp)
  // Those who would tell were asked: a process that shows its environment, and a header without a value.
  expect(said.some(text => text.includes('"PATH"'))).toBe(true)
  expect(gateway.output.stderr).toContain('x-none')
  const children = (await readdir('/proc')).filter(name => /^\d+$/.test(name) && Number(name) !== gateway.pid)
  const lines = await Promise.all(children.map(pid => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')))

  gateway.kill('SIGTERM')
  await gateway.exit
  const files = (await readdir(folder.path)).filter(name => name.startsWith('sluice.db'))
  const stored = await Promise.all(files.map(name => readFile(join(folder.path, name), 'latin1')))
  const sent = [failing, redirecting, sink, collector].flatMap(({ requests }) =>
    requests.map(({ body }) => body.toString())
  )
  const places = {
    answers: said,
    output: [gateway.output.stdout, gateway.output.stderr],
    sent,
    commands: lines,
    stored
  }
  for (const [place, texts] of Object.entries(places)) {
    const secrets = [...Object.values(canaries), token, bad, ...(place === 'stored' ? [] : Object.values(written))]
    const found = secrets.filter(secret => texts.some(text => text.includes(secret)))
    expect([place, found]).toEqual([place, []])
  }
}, 90_000)
