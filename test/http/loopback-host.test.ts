import { expect, it } from 'vitest'
import { isLoopbackAddress, isLoopbackHost, isLoopbackOrigin } from '../../src/http/loopback-host.ts'

it.each(['localhost', 'LocalHost:8080', 'localhost.', '127.0.0.1', '127.8.8.8:1', '[::1]', '[0:0:0:0:0:0:0:1]:80'])(
  'knows %s for this machine',
  host => {
    expect(isLoopbackHost(host)).toBe(true)
  }
)

it.each([
  '127.evil.example',
  '127.0.0.1.evil.example',
  '127.x',
  'localhost.evil.example',
  'evil.example',
  '0.0.0.0',
  'evil-localhost',
  '[::2]',
  '128.0.0.1',
  '',
  'localhost:1@evil.example',
  '1270.0.0.1'
])('takes %j for another', host => {
  expect(isLoopbackHost(host)).toBe(false)
})

it('judges origins by their host, where they are those of pages', () => {
  const origins = [
    'http://localhost:3000',
    'https://[::1]',
    'http://127.0.0.1',
    'null',
    'http://127.evil.example',
    'file://'
  ]
  expect(origins.map(isLoopbackOrigin)).toEqual([true, true, true, false, false, false])
})

it('judges addresses to listen on', () => {
  const addresses = ['127.0.0.1', '::1', 'localhost', '127.1', '0.0.0.0', '::', 'gateway.example']
  expect(addresses.map(isLoopbackAddress)).toEqual([true, true, true, true, false, false, false])
})
