import { Hono, type Context } from 'hono'
import { expect, it } from 'vitest'

/** As `http/route-request.ts` makes it: not a `Request` of the Fetch API. */
class Partial {
  readonly method: string
  readonly url: string
  readonly read: string[] = []

  constructor(method: string, path: string) {
    this.method = method
    this.url = `http://localhost${path}`
  }

  get headers(): Headers {
    this.read.push('headers')
    return new Headers()
  }

  get body(): undefined {
    this.read.push('body')
    return undefined
  }
}

const partial = (method: string, path: string) =>
  new Partial(method, path) as unknown as Request & Pick<Partial, 'read'>

/** In place of a `Response`, as `http/route-request.ts` marks requests that are answered later. */
const mark = Object.freeze({}) as Response

// `http/route-request.ts` gives as much of a request as a route needs, and no more.
it('finds a route, its parameters and its path by the method and the URL, and reads nothing else', () => {
  const seen: unknown[] = []
  const app = new Hono()
  app.post('/:namespace/:pipeline', c => {
    seen.push(c.req.param(), c.req.path)
    return mark
  })
  const request = partial('POST', '/default/a%20b?c=d')
  void app.fetch(request)
  expect(seen).toEqual([{ namespace: 'default', pipeline: 'a b' }, '/default/a b'])
  expect(request.read).toEqual([])
})

// `http/listen.ts` compares what comes back with its marks, and goes on in the same turn.
it('gives back what a handler gave, and leaves it as it is: that of a route at once', async () => {
  const app = new Hono()
  app.all('/', () => mark)
  app.notFound(() => mark)
  expect(app.fetch(partial('PUT', '/'))).toBe(mark)
  expect(await app.fetch(partial('GET', '/nothing/here'))).toBe(mark)
})

// `ingress/ingress.ts` hands what its one route does not match on to another app, with the same request and bindings.
it('lets an app hand a request on to another one, with what belongs to it', async () => {
  const bindings = { incoming: 'ours' }
  const seen: unknown[] = []
  const inner = new Hono()
  inner.notFound((c: Context) => {
    seen.push(c.env)
    return mark
  })
  const outer = new Hono()
  outer.notFound(c => inner.fetch(c.req.raw, c.env))
  expect(await outer.fetch(partial('GET', '/a/b/c'), bindings)).toBe(mark)
  expect(seen).toHaveLength(1)
  expect(seen[0]).toBe(bindings)
})
