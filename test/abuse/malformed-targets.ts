import { aRequest, smuggled, text, type Malformed } from './malformed.ts'

const host = 'host: gateway.test'

const targets: readonly Malformed[] = [
  { name: 'a target in absolute form', bytes: aRequest({ target: 'http://gateway.test/default/echo' }), answer: 400 },
  { name: 'a target of another host', bytes: aRequest({ target: 'http://elsewhere.test/' }), answer: 400 },
  { name: 'a target that is an asterisk', bytes: aRequest({ target: '*' }), answer: 400 },
  { name: 'a target that is no path', bytes: aRequest({ target: 'default/echo' }), answer: 400 },
  { name: 'a target of 20 KB', bytes: aRequest({ target: `/${'a'.repeat(20_000)}` }), answer: 431 },
  { name: 'a target of 12 KB', bytes: aRequest({ target: `/default/${'a'.repeat(12_000)}` }), answer: 404 },
  { name: 'a target with a space', bytes: aRequest({ target: '/default/ echo' }), answer: 400 },
  { name: 'a target with a tab', bytes: aRequest({ target: '/default/\techo' }), answer: 400 },
  { name: 'a target with a NUL', bytes: aRequest({ target: '/default/\0echo' }), answer: 400 },
  { name: 'a target beyond ASCII', bytes: aRequest({ target: '/default/\xe9cho' }), answer: 400 },
  ...['%00', '%', '%e', '%zz', '%C0%A0', '%FF', '%0d%0a', '..%2f', '%5c', '//', '"<>', '{}|^`', '%u0041'].map(part => ({
    name: `a path with ${JSON.stringify(part)}`,
    bytes: aRequest({ target: `/default/echo${part}` }),
    answer: 404
  })),
  { name: 'a path with empty segments', bytes: aRequest({ target: '//default//echo' }), answer: 404 },
  ...[
    '/default/smuggled/../echo',
    '/default/x/%2e%2E/echo',
    '/default/./echo',
    '/default/echo/..',
    '/default\\echo',
    '/default/echo#x',
    '/default/echo?x#y'
  ].map(target => ({
    name: `the target ${target}`,
    bytes: aRequest({ target }),
    answer: 400
  })),
  { name: 'a path of __proto__', bytes: aRequest({ target: '/__proto__/constructor' }), answer: 404 },
  { name: 'a path of constructor', bytes: aRequest({ target: '/constructor/prototype' }), answer: 404 },
  { name: 'a path that looks like a host', bytes: aRequest({ target: '//elsewhere.test/echo' }), answer: 404 }
]

const methods: readonly Malformed[] = [
  { name: 'CONNECT', bytes: text('CONNECT elsewhere.test:443 HTTP/1.1', host, '', ''), answer: 400 },
  { name: 'TRACE', bytes: aRequest({ method: 'TRACE' }), answer: 405 },
  { name: 'GET', bytes: aRequest({ method: 'GET' }), answer: 405 },
  { name: 'a method that nobody knows', bytes: aRequest({ method: 'CHEAT' }), answer: 400 },
  { name: 'a method in lower case', bytes: aRequest({ method: 'post' }), answer: 400 },
  { name: 'a method of 20 KB', bytes: aRequest({ method: 'P'.repeat(20_000) }), answer: 400 },
  { name: 'HTTP/0.9', bytes: Buffer.from('GET /default/echo\r\n\r\n'), answer: 400 },
  { name: 'HTTP/0.9 with headers', bytes: text('POST /default/echo', host, 'content-length: 0', '', ''), answer: 400 },
  { name: 'HTTP/1.2', bytes: text('POST /default/echo HTTP/1.2', host, '', ''), answer: 400 },
  { name: 'HTTP/9.9', bytes: text('POST /default/echo HTTP/9.9', host, '', ''), answer: 400 },
  { name: 'the preface of HTTP/2', bytes: Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'), answer: 400 },
  { name: 'a TLS hello', bytes: Buffer.from('16030100c8010000c40303', 'hex'), answer: 400 },
  { name: 'an answer in place of a request', bytes: Buffer.from('HTTP/1.1 200 OK\r\n\r\n'), answer: 400 }
]

const hosts: readonly Malformed[] = [
  { name: 'no host', bytes: text('POST /default/echo HTTP/1.1', 'content-length: 0', '', ''), answer: 400 },
  { name: 'two hosts', bytes: aRequest({ headers: ['host: elsewhere.test'] }), answer: 400 },
  ...['', 'a b', 'user@gateway.test', 'gateway.test/path', 'gateway.test:port', '[::1', '\\', 'caf\xe9'].map(name => ({
    name: `the host ${JSON.stringify(name)}`,
    bytes: text('POST /default/echo HTTP/1.1', `host: ${name}`, 'content-length: 0', '', ''),
    answer: 400
  }))
]

const hops: readonly Malformed[] = [
  { name: 'an expectation that nobody knows', bytes: aRequest({ headers: ['expect: a-miracle'] }), answer: 400 },
  {
    name: 'an expectation that is met',
    bytes: aRequest({ headers: ['expect: 100-continue'], body: '{}' }),
    answer: 200
  },
  { name: 'an upgrade to websocket', bytes: upgrade('websocket'), answer: 200 },
  { name: 'an upgrade to h2c', bytes: upgrade('h2c'), answer: 200 },
  {
    name: 'a request behind one that is broken',
    bytes: Buffer.concat([aRequest({ headers: ['x a: 1'] }), Buffer.from(smuggled)]),
    answer: 400
  },
  {
    name: 'a request behind one that is refused',
    bytes: Buffer.concat([aRequest({ target: 'http://gateway.test/' }), Buffer.from(smuggled)]),
    answer: 400
  }
]

function upgrade(protocol: string): Buffer {
  const headers = ['connection: upgrade, http2-settings', `upgrade: ${protocol}`, 'http2-settings: AAMAAABk']
  return aRequest({ headers, body: '{}' })
}

/** Targets, methods, versions, hosts and hop-by-hop requests that no gateway should follow. */
export const malformedTargets: readonly Malformed[] = [...targets, ...methods, ...hosts, ...hops]
