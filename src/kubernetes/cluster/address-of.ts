import type { KubernetesObject } from '../client/object.ts'

/** By the name of an address; the empty name is the resource's own one. */
export type AddressBook = Readonly<Record<string, string>>

interface Address {
  readonly name?: string
  readonly url?: string
}

/** The objects that may have an address: a core Service, or anything Addressable. */
export interface AddressableObject extends KubernetesObject {
  readonly spec?: { readonly ports?: readonly { readonly name?: string; readonly port: number }[] }
  readonly status?: { readonly address?: Address; readonly addresses?: readonly Address[]; readonly url?: string }
}

const isUrl = (url: string | undefined): url is string =>
  url !== undefined && /^https?:\/\//.test(url) && URL.canParse(url)

/** The addresses that a resource says it has. */
export function addressesOf({ status }: AddressableObject): AddressBook {
  const named = (status?.addresses ?? []).flatMap(({ name = '', url }): [string, string][] =>
    isUrl(url) ? [[name, url]] : []
  )
  const own = status?.address?.url ?? status?.addresses?.[0]?.url
  return { ...Object.fromEntries(named), ...(isUrl(own) && { '': own }) }
}

/** A Service is called by its name in the cluster: on port 80 where it has that, as with Knative, else on its first one. */
export function serviceAddress({ metadata, spec }: AddressableObject): AddressBook {
  const ports = spec?.ports ?? []
  const chosen = ports.find(({ port }) => port === 80) ?? ports.find(({ name }) => name === 'http') ?? ports[0]
  if (chosen === undefined) return {}
  const host = `${metadata.name}.${metadata.namespace ?? 'default'}.svc.cluster.local`
  return { '': chosen.port === 80 ? `http://${host}` : `http://${host}:${chosen.port}` }
}
