import { processorMs } from '../helpers/processor-time.ts'
import { expect, it } from 'vitest'
import { decodeHttp } from '../../src/event/decode.ts'

/*
 * One body must not hold up everybody else's requests. Each of these takes some milliseconds; what they guard against,
 * quadratic time, takes minutes. The limit leaves room for a slow machine.
 */

const size = 1 << 20
const structured = ['content-type', 'application/cloudevents+json']
const batch = ['content-type', 'application/cloudevents-batch+json']
const event = '{"specversion":"1.0","id":"1","source":"/s","type":"t"'

/** `piece` as often as it fits. */
const fill = (piece: string): string => piece.repeat(size / piece.length)

it.each<[string, string[], string]>([
  ['integers', structured, `${event},"data":[${fill('1,')}1]}`],
  ['empty arrays', structured, `${event},"data":[${fill('[],')}1]}`],
  ['small objects', structured, `${event},"data":[${fill('{"a":0.5},')}1]}`],
  ['one string of escapes', structured, `${event},"data":"${fill('\\u0041')}"}`],
  ['one attribute', structured, `${event},"subject":"${fill('é')}"}`],
  ['one number', structured, `${event},"x":${fill('1')}}`],
  ['one name', structured, `${event},"${fill('x')}":1}`],
  ['one media type of spaces', structured, `${event},"datacontenttype":"a/b;${fill(' ')}x"}`],
  ['one media type of parameters', structured, `${event},"datacontenttype":"a/b${fill(';')}x"}`],
  ['one source', structured, `${event.replace('/s', fill('/'))}}`],
  ['base64', structured, `${event},"data_base64":"${fill('QUFB')}="}`],
  ['many attributes', structured, `${event},${Array.from({ length: 100_000 }, (_, i) => `"x${i}":1`).join()}}`],
  ['spaces', structured, fill(' ')],
  ['open arrays', structured, `${event},"data":${fill('[')}`],
  ['open arrays as an attribute', structured, `${event},"x":${fill('[')}`],
  ['a batch of integers', batch, `[${fill('1,')}1]`],
  ['a batch of small events', batch, `[${fill(`${event}},`)}1]`]
])('a mebibyte of %s is read or refused at once', (_what, headers, text) => {
  const body = Buffer.from(text)
  const spent = processorMs(() => {
    try {
      decodeHttp(headers, body)
    } catch (error) {
      expect(error).toMatchObject({ code: 'INVALID_EVENT' })
    }
  })
  expect(spent).toBeLessThan(1000)
})
