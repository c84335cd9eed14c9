import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { startGateway } from '../../src/gateway.ts'
import { testConfig } from '../helpers/gateway.ts'
import { startStep } from '../helpers/step-server.ts'

const file = 'examples/hosted-model.yaml'

it('the pipeline with a hosted model reaches one that demands its key', async () => {
  await using model = await startStep(({ headers, body }) => {
    if (headers.authorization !== 'Bearer sk-example') return 401
    const content = `You asked: ${JSON.parse(String(body)).messages[0].content}`
    const answer = JSON.stringify({ choices: [{ message: { role: 'assistant', content } }] })
    return { headers: { 'content-type': 'application/json' }, body: answer }
  })
  const processEnv = { MODEL_URL: `${model.url}/v1/chat/completions`, MODEL_API_KEY: 'sk-example' }
  await using gateway = await startGateway(testConfig({ files: [file], processEnv }))
  const answer = await fetch(`${gateway.url}/default/assistant`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"question": "Why?"}'
  })
  expect([answer.status, await answer.json()]).toEqual([200, { answer: 'You asked: Why?' }])
  expect(model.requests[0]?.url).toBe('/v1/chat/completions')
})

it('README shows it as it is', () => {
  const pipeline = readFileSync(file, 'utf8').replace(/^(#.*\n)+/, '')
  expect(readFileSync('README.md', 'utf8')).toContain(`\`\`\`yaml\n${pipeline}\`\`\`\n`)
})
