import type { Routes } from '../http/listen.ts'
import type { IngressDeps } from './ingress-deps.ts'
import { respond } from './respond.ts'
import { createRoutes } from './routes.ts'
import { servePipeline } from './serve-pipeline.ts'

/** The data plane, without a socket. */
export function createIngress(deps: IngressDeps): Routes {
  const app = createRoutes(deps)
  return {
    fetch(request, { incoming, outgoing }) {
      const [path, namespace, name] = plainPath.exec(incoming.url ?? '') ?? []
      if (path === undefined || namespace === undefined || name === undefined)
        return app.fetch(request, { incoming, outgoing })
      const asked = { incoming, outgoing, path, pipeline: `${namespace}/${name}` }
      return respond(asked, deps, arrival => servePipeline(arrival, namespace, name, deps))
    }
  }
}

/** The one path of nearly every request, as nearly everybody writes it: the way through a router takes 1 % of one. */
const plainPath = /^\/([\w.-]+)\/([\w.-]+)$/
