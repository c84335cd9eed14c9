import * as z from 'zod'
import { convertDefinitions } from '../convert/convert-definitions.ts'
import { jsonAnswer } from '../http/answer.ts'
import type { AdminRoute } from './admin-route.ts'
import { readQuery } from './read-query.ts'
import { readText } from './read-text.ts'

const convertQuery = z.strictObject({ to: z.string({ error: 'is missing: say the kind to convert to' }) })

/** `POST /convert?to=KIND`: definitions, YAML or JSON, as those of another kind, and what it cannot express. */
export const convertRoutes = (): readonly AdminRoute[] => [
  {
    method: 'POST',
    path: '/convert',
    async handle(request) {
      const { to } = readQuery(convertQuery, request.query)
      const { documents, notCarried } = convertDefinitions({ file: 'body', text: await readText(request) }, to)
      return jsonAnswer(200, { items: documents.map(document => document.toJS() as unknown), notCarried })
    }
  }
]
