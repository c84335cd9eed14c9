import { expect } from 'vitest'
import type { Gateway } from '../../src/gateway/head.ts'
import { waitFor } from '../helpers/wait-for.ts'

export const apis = '/apis/sluice.dev/v1alpha1'

/** Where the pipeline is on the admin plane. */
export const pathOf = (pipeline: string): string => {
  const [namespace, name] = pipeline.includes('/') ? pipeline.split('/') : ['default', pipeline]
  return `${apis}/namespaces/${namespace}/servingpipelines/${name}`
}

export interface ApiAnswer {
  readonly status: number
  readonly headers: Headers
  /** Parsed JSON: it is what the test says it is. */
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly body: any
}

/** A call of the admin plane; what is no text is sent as JSON. */
export async function api(
  { adminUrl }: Pick<Gateway, 'adminUrl'>,
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {}
): Promise<ApiAnswer> {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  const answer = await fetch(adminUrl + path, { method, headers, ...(body !== undefined && { body: text }) })
  const came = await answer.text()
  const isJson = answer.headers.get('content-type')?.includes('json') === true
  return { status: answer.status, headers: answer.headers, body: isJson ? JSON.parse(came) : came }
}

/** The status of the pipeline, as soon as it is so. */
export async function statusWhen(
  gateway: Pick<Gateway, 'adminUrl'>,
  pipeline: string,
  // oxlint-disable-next-line typescript/no-explicit-any
  isSo: (status: any) => boolean,
  what = 'a status'
  // oxlint-disable-next-line typescript/no-explicit-any
): Promise<any> {
  let last: unknown
  return waitFor(
    async () => {
      const { status, body } = await api(gateway, 'GET', `${pathOf(pipeline)}/status`)
      last = body
      return status === 200 && isSo(body) ? body : undefined
    },
    { what }
  ).catch((cause: unknown) => {
    throw new Error(`no ${what} of ${pipeline}; the last one: ${JSON.stringify(last)}`, { cause })
  })
}

/** The condition of this type. */
// oxlint-disable-next-line typescript/no-explicit-any
export const conditionOf = (status: any, type: string): any => {
  const found = status.conditions.find((each: { type: string }) => each.type === type)
  expect(found, type).toBeDefined()
  return found
}

/** A definition as the admin API takes it. */
export const aDefinition = (
  name: string,
  steps: readonly (string | Record<string, unknown>)[],
  spec: Record<string, unknown> = {}
): Record<string, unknown> => ({
  apiVersion: 'sluice.dev/v1alpha1',
  kind: 'ServingPipeline',
  metadata: { name },
  spec: { ...spec, steps: steps.map((step, i) => (typeof step === 'string' ? { name: `s${i}`, uri: step } : step)) }
})
