import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { startGateway } from '../../src/gateway.ts'
import { testConfig } from '../helpers/gateway.ts'
import { waitFor } from '../helpers/wait-for.ts'

const file = 'examples/reviews.yaml'

it.each([
  ['I love this product!', { shown: true, answer: 'Thank you!' }],
  ['I hate this awful thing', { shown: true, answer: 'We are sorry to hear that.' }],
  ['what the fuck', { shown: false }]
])('the graph of reviews answers %j, waited for or stored', async (text, answer) => {
  await using gateway = await startGateway(testConfig({ files: [file] }))
  const url = `${gateway.url}/default/reviews`
  const init = { method: 'POST', body: JSON.stringify({ text }) }
  const json = { 'content-type': 'application/json' }
  expect(await (await fetch(url, { ...init, headers: json })).json()).toEqual(answer)
  const accepted = await fetch(url, { ...init, headers: { ...json, prefer: 'respond-async' } })
  expect(accepted.status).toBe(202)
  const reply = await waitFor(
    async () => {
      const got = await fetch(`${gateway.url}${accepted.headers.get('location')}/reply`)
      return got.status === 200 && got.json()
    },
    { what: 'the reply of the stored request' }
  )
  expect(reply).toEqual(answer)
})

it('README shows it as it is', () => {
  const pipeline = readFileSync(file, 'utf8').replace(/^(#.*\n)+/, '')
  expect(readFileSync('README.md', 'utf8')).toContain(`\`\`\`yaml\n${pipeline}\`\`\`\n`)
})
