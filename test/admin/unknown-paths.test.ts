import { expect, it } from 'vitest'
import { startAdmin } from './admin-under-test.ts'

it.each(['/nothing', '/', '/deadletters/some-id/nothing'])('is a problem with a code: %s', async path => {
  await using admin = await startAdmin()
  const { status, headers, body } = await admin.call(`${path}?at=all`)
  expect([status, headers.get('content-type')]).toEqual([404, 'application/problem+json'])
  expect(body).toEqual({
    type: 'https://sluice.dev/problems/not-found',
    title: 'There is nothing here',
    status: 404,
    detail: 'the admin plane knows no such path',
    instance: path,
    code: 'NOT_FOUND'
  })
})
