import { expect, it } from 'vitest'
import { readRedisAddress } from '../../src/redis/redis-address.ts'

it.each([
  ['redis://localhost', { kind: 'single', tls: false, hosts: [{ host: 'localhost', port: 6379 }], database: 0 }],
  ['redis://10.0.0.1:7000/3', { hosts: [{ host: '10.0.0.1', port: 7000 }], database: 3, label: '10.0.0.1:7000' }],
  ['redis://[::1]:6380', { hosts: [{ host: '::1', port: 6380 }] }],
  ['rediss://me:p%40ss%3A@a', { tls: true, username: 'me', password: 'p@ss:', label: 'a' }],
  ['redis://:secret@a', { username: undefined, password: 'secret' }],
  [
    'redis+cluster://a:1,b:2,c',
    {
      kind: 'cluster',
      hosts: [
        { host: 'a', port: 1 },
        { host: 'b', port: 2 },
        { host: 'c', port: 6379 }
      ]
    }
  ],
  [
    'redis+sentinel://:s@a,b:2/main?sentinelPassword=t%26',
    {
      kind: 'sentinel',
      hosts: [
        { host: 'a', port: 26_379 },
        { host: 'b', port: 2 }
      ],
      master: 'main',
      password: 's',
      sentinelPassword: 't&'
    }
  ],
  ['rediss+sentinel://a/main', { kind: 'sentinel', tls: true, label: 'a/main' }]
])('reads %s', (url, expected) => {
  expect(readRedisAddress(url)).toMatchObject(expected)
})

it.each([
  'http://localhost',
  'redis://',
  'redis:///0',
  'redis://a:port',
  'redis://a,b',
  'redis://a/name',
  'redis+sentinel://a',
  'redis+other://a',
  'redis://me:%zz@a',
  'redis+sentinel://me:12/34@a/main'
])('refuses %s, without repeating it', url => {
  expect(() => readRedisAddress(url)).toThrow('the store URL is not one of redis://host:port/database')
})
