import { jsonAnswer } from '../../http/answer.ts'
import { openApiDocument } from '../../http/openapi/document.ts'
import { docsPage } from '../../http/openapi/docs-page.ts'
import { sharedSchemas } from '../../http/openapi/schemas.ts'
import { version } from '../../telemetry/version.ts'
import type { AdminRoute } from '../admin-route.ts'
import { adminOperations } from './operations.ts'
import { adminSchemas } from './schemas.ts'

/** `/openapi.json` and `/docs`: what the admin plane does, for a program and for a person. */
export const openApiRoutes = (): readonly AdminRoute[] => [
  { method: 'GET', path: '/openapi.json', handle: () => jsonAnswer(200, adminDocument()) },
  {
    method: 'GET',
    path: '/docs',
    handle: () => ({ status: 200, headers: htmlHeaders, body: Buffer.from(docsPage(adminDocument())) })
  }
]

/** Nothing on the page runs or is loaded. */
const htmlHeaders = [
  'content-type',
  'text/html; charset=utf-8',
  'content-security-policy',
  "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"
]

function adminDocument() {
  const paths: Record<string, Record<string, (typeof adminOperations)[string]>> = {}
  for (const [route, operation] of Object.entries(adminOperations)) {
    const [method = '', path = ''] = route.split(' ')
    const template = path.replaceAll(/:(\w+)/g, '{$1}')
    paths[template] = { ...paths[template], [method.toLowerCase()]: operation }
  }
  return openApiDocument({
    title: 'Sluice, admin plane',
    description: 'Probes, metrics, stored requests, dead letters and definitions of a Sluice gateway.',
    version,
    paths,
    schemas: { ...sharedSchemas, ...adminSchemas }
  })
}
