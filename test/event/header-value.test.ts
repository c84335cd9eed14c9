import { expect, it } from 'vitest'
import { encodeHeaderValue } from '../../src/event/header-value.ts'

it.each([
  ['', ''],
  ["!#$&'()*+,-./09:;<=>?@AZ[\\]^_`az{|}~", "!#$&'()*+,-./09:;<=>?@AZ[\\]^_`az{|}~"],
  ['a b', 'a%20b'],
  ['"', '%22'],
  ['100%', '100%25'],
  ['%20', '%2520'],
  ['Euro € 😀', 'Euro%20%E2%82%AC%20%F0%9F%98%80'],
  ['zażółć', 'za%C5%BC%C3%B3%C5%82%C4%87']
])('the value %j is the header %j', (value, header) => expect(encodeHeaderValue(value)).toBe(header))
