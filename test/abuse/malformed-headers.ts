import { aRequest, eventHeaders, type Malformed } from './malformed.ts'

const flood = (count: number, header: (i: number) => string): string[] =>
  Array.from({ length: count }, (_, i) => header(i))

const floods: readonly Malformed[] = [
  { name: '300 headers', bytes: aRequest({ headers: flood(300, i => `x-${i}: 1`) }), answer: 431 },
  { name: '5,000 headers', bytes: aRequest({ headers: flood(5000, i => `x-${i}: 1`) }), answer: 431 },
  { name: 'a header of 20 KB', bytes: aRequest({ headers: [`x-a: ${'a'.repeat(20_000)}`] }), answer: 431 },
  { name: 'a header name of 20 KB', bytes: aRequest({ headers: [`${'a'.repeat(20_000)}: 1`] }), answer: 431 },
  {
    name: '1,000 extensions',
    bytes: aRequest({ headers: eventHeaders(...flood(1000, i => `ce-x${i}: 1`)) }),
    answer: 431
  },
  { name: '200 extensions', bytes: aRequest({ headers: eventHeaders(...flood(200, i => `ce-x${i}: 1`)) }), answer: 400 }
]

const event = (name: string, ...headers: readonly string[]): Malformed => ({
  name,
  bytes: aRequest({ headers: eventHeaders(...headers), body: '{}' }),
  answer: 400
})

const attributes: readonly Malformed[] = [
  event('ce- without a name', 'ce-: 1'),
  event('an attribute name with a hyphen', 'ce-a-b: 1'),
  event('an attribute name with an underscore', 'ce-a_b: 1'),
  event('an attribute name with a dot', 'ce-a.b: 1'),
  event('__proto__ as an attribute', 'ce-__proto__: 1'),
  event('an attribute name of 200 letters', `ce-${'a'.repeat(200)}: 1`),
  event('data as an attribute', 'ce-data: 1'),
  event('datacontenttype as an attribute header', 'ce-datacontenttype: text/plain'),
  event('the id twice', 'ce-id: 1', 'ce-id: 2'),
  event('the id twice in two cases', 'ce-id: 1', 'CE-ID: 1'),
  event('an extension twice', 'ce-a: 1', 'ce-a: 1'),
  event('an empty id', 'ce-id:'),
  event('an empty subject', 'ce-subject:'),
  event('a line break in the subject', 'ce-subject: a%0d%0ax-injected: 1'),
  event('a NUL in the subject', 'ce-subject: %00'),
  event('an overlong space in the subject', 'ce-subject: %C0%A0'),
  event('an encoded surrogate in the subject', 'ce-subject: %ED%A0%80'),
  event('a lone 0xFF in the subject', 'ce-subject: \xff'),
  event('an encoded 0xFF in the subject', 'ce-subject: %FF'),
  event('a noncharacter in the subject', 'ce-subject: %EF%BF%BF'),
  event('a percent sign alone', 'ce-subject: 100%'),
  event('a percent sign with other letters', 'ce-subject: %zz'),
  event('an unfinished quote', 'ce-subject: "a'),
  event('a quote that ends in a backslash', 'ce-subject: "a\\"'),
  event('12 KB of backslashes in a quote', `ce-subject: "${'\\'.repeat(12_001)}"`),
  event('a source that is no URI', 'ce-source: a<b>c'),
  event('a time that is none', 'ce-time: yesterday'),
  event('a time with a 13th month', 'ce-time: 2024-13-01T00:00:00Z'),
  event('a dataschema that is no URI', 'ce-dataschema: schema'),
  event('an unknown specversion', 'ce-specversion: 2.0'),
  event('an empty specversion', 'ce-specversion:'),
  { name: 'an id alone', bytes: aRequest({ headers: ['ce-id: 1'] }), answer: 400 }
]

const contentTypes: readonly Malformed[] = [
  { name: 'content-type twice', type: 'text/plain\r\ncontent-type: application/json', answer: 400 },
  { name: 'a content-type that is none', type: 'garbage', answer: 415 },
  { name: 'a content-type of slashes', type: '////', answer: 415 },
  { name: 'a content-type with a tab inside', type: 'text\t/plain', answer: 415 },
  { name: 'a content-type of 12 KB', type: `text/${';a=b'.repeat(3000)}`, answer: 415 },
  { name: 'a CloudEvents format that nobody knows', type: 'application/cloudevents+xml', answer: 415 },
  { name: 'CloudEvents in UTF-16', type: 'application/cloudevents+json; charset=utf-16', answer: 415 }
].map(({ name, type, answer }) => ({
  name,
  bytes: aRequest({ headers: [`content-type: ${type}`], body: '{}' }),
  answer
}))

const doubles: readonly Malformed[] = ['authorization', 'idempotency-key', 'x-request-id', 'content-encoding'].map(
  header => ({
    name: `${header} twice`,
    bytes: aRequest({ headers: [`${header}: a`, `${header}: b`] }),
    answer: 400
  })
)

/** Headers by the thousand, attributes that are none, and headers that may come once only. */
export const malformedHeaders: readonly Malformed[] = [...floods, ...attributes, ...contentTypes, ...doubles]
