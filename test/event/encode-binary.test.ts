import { expect, it } from 'vitest'
import { encodeBinary } from '../../src/event/encode-binary.ts'
import { anEvent } from '../helpers/events.ts'

it('writes attributes as lower-case headers, the media type as content-type, and the data as it is', () => {
  const event = anEvent({
    subject: 'a b',
    datacontenttype: 'text/plain;  Charset="utf-8"',
    data: 'x',
    extensions: { myext: '€' }
  })
  const { headers, body } = encodeBinary(event)
  expect(headers.join('\n')).toBe(
    [
      'ce-specversion\n1.0',
      'ce-id\nevent-1',
      'ce-source\n/test',
      'ce-type\ndev.sluice.test',
      'content-type\ntext/plain;  Charset="utf-8"',
      'ce-subject\na%20b',
      'ce-myext\n%E2%82%AC'
    ].join('\n')
  )
  expect(body).toBe(event.data)
})

it('invents no content type and no body', () => {
  const { headers, body } = encodeBinary(anEvent({ data: undefined }))
  expect(headers).not.toContain('content-type')
  expect(body).toBeUndefined()
})

it('writes booleans and integers as text', () => {
  const { headers } = encodeBinary(anEvent({ extensions: { flag: false, count: -7 } }))
  expect(headers.slice(-4)).toEqual(['ce-flag', 'false', 'ce-count', '-7'])
})
