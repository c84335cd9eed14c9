import { expect, it } from 'vitest'
import { shownUrl } from '../../src/delivery/shown-url.ts'
import { startTestGateway } from '../helpers/gateway.ts'
import { startStep } from '../helpers/step-server.ts'

it.each([
  ['http://model.test/v1', 'http://model.test/v1'],
  ['http://model.test:8080/v1?key=secret#secret', 'http://model.test:8080/v1'],
  ['http://user:secret@model.test/v1', 'http://model.test/v1'],
  ['http://secret@user:secret@model.test/', 'http://model.test/'],
  // As browsers read them, which count no slashes.
  ['https:user:secret@model.test/', 'https:model.test/'],
  ['https:/user:secret@model.test/', 'https:/model.test/'],
  ['https:\\\\user:secret@model.test/', 'https:\\\\model.test/'],
  ['//user:secret@model.test/', '//model.test/'],
  ['/\\user:secret@model.test/', '/\\model.test/'],
  ['/login?next=secret', '/login'],
  ['people/@me', 'people/@me'],
  ['http://', 'http://'],
  ['', '']
])('%j is shown as %j', (url, shown) => expect(shownUrl(url)).toBe(shown))

// A URL parser throws at these, and what is thrown there would be a defect of ours.
it.each(['/login', 'http://', 'http://[', '', '%', '\xff'])('a redirect to %j is told as one', async location => {
  await using step = await startStep({ status: 302, headers: { location } })
  await using gateway = await startTestGateway({ steps: [step.url] })
  const answer = await gateway.post()
  expect([answer.status, await answer.json()]).toEqual([
    502,
    expect.objectContaining({ code: 'STEP_FAILED', detail: expect.stringContaining('a redirect to') as string })
  ])
})
