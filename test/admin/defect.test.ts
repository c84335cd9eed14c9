import { expect, it } from 'vitest'
import { silentLog } from '../helpers/silent-log.ts'
import { startAdmin } from './admin-under-test.ts'

it('logs a defect with its cause, of which the caller learns nothing', async () => {
  const logged: object[] = []
  const log = { ...silentLog, error: (fields: object) => logged.push(fields) }
  const defect = new TypeError('secret detail')
  const handle = () => {
    throw defect
  }
  await using admin = await startAdmin({ log, routes: [{ method: 'GET', path: '/broken', handle }] })
  const { status, body } = await admin.call('/broken')
  expect([status, body.code]).toEqual([500, 'INTERNAL'])
  expect(JSON.stringify(body)).not.toContain('secret')
  expect(logged).toEqual([{ method: 'GET', path: '/broken', err: defect }])
  expect((await admin.call('/deadletters/unknown')).status).toBe(404)
  expect(logged).toHaveLength(1)
})
