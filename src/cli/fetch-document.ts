import { isMapping, type Fields } from '../pipeline/spec/rule.ts'
import type { AdminOptions } from './options/admin-option.ts'
import { callGateway, type GatewayAnswer, type GatewayCall } from './call-gateway.ts'
import { jsonBody } from './json-body.ts'
import { problemText } from './print/problem-text.ts'

/** The document that the gateway answers; throws the problem, for a person, when it refuses. */
export async function fetchDocument({
  data,
  ...call
}: Omit<GatewayCall, 'data'> & Partial<Pick<GatewayCall, 'data'>>): Promise<Fields> {
  const answer = await callGateway({ ...call, data })
  const document = jsonBody(answer)
  if (isSuccess(answer) && isMapping(document)) return document
  throw new Error(problemText(answer))
}

/** A document of the admin plane; parameters without a value are left out. `body` is sent as JSON. */
export function fetchFromAdmin(
  { admin, adminToken }: AdminOptions,
  method: GatewayCall['method'],
  path: string,
  parameters: Readonly<Record<string, string | number | boolean | undefined>> = {},
  body?: unknown
): Promise<Fields> {
  const given = Object.entries(parameters).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, String(value)]]
  )
  const query = new URLSearchParams(given)
  return fetchDocument({
    method,
    url: `${admin}${path}${query.size === 0 ? '' : `?${query.toString()}`}`,
    headers: bearer(adminToken),
    data: body === undefined ? undefined : Buffer.from(JSON.stringify(body)),
    namedBy: '--admin'
  })
}

/** The headers of a call with this token, if there is one. */
export const bearer = (token: string | undefined): Headers =>
  new Headers(token === undefined ? {} : { authorization: `Bearer ${token}` })

const isSuccess = ({ status }: GatewayAnswer): boolean => status >= 200 && status < 300
