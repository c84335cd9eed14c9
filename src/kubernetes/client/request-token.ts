import type { ApiClient } from './api-client.ts'

export interface AudienceToken {
  readonly token: string
  /** Milliseconds since the epoch. */
  readonly expiresAt: number
}

const lifetimeSeconds = 3600

/** A token of a service account for one audience. Throws ApiFailure. */
export async function requestToken(
  client: ApiClient,
  { namespace, name }: { readonly namespace: string; readonly name: string },
  audience: string,
  signal?: AbortSignal
): Promise<AudienceToken> {
  const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/serviceaccounts/${encodeURIComponent(name)}/token`
  const { status } = await client.call<{ status: { token: string; expirationTimestamp: string } }>('POST', path, {
    body: {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenRequest',
      spec: { audiences: [audience], expirationSeconds: lifetimeSeconds }
    },
    ...(signal !== undefined && { signal })
  })
  return { token: status.token, expiresAt: Date.parse(status.expirationTimestamp) }
}
