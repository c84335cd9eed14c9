/** A kind of objects, as the paths of an API server name it. */
export interface Resource {
  /** Empty: the core API. */
  readonly group: string
  readonly version: string
  /** For example `servingpipelines`. */
  readonly plural: string
  readonly kind: string
}

/** `group/version`, as it stands in an object. */
export const apiVersionOf = ({ group, version }: Pick<Resource, 'group' | 'version'>): string =>
  group === '' ? version : `${group}/${version}`

/** The path of all objects of a kind, in one namespace or in all. */
export function collectionPath({ group, version, plural }: Resource, namespace: string | undefined): string {
  const root = group === '' ? `/api/${version}` : `/apis/${group}/${version}`
  return namespace === undefined ? `${root}/${plural}` : `${root}/namespaces/${encodeURIComponent(namespace)}/${plural}`
}

export interface ObjectName {
  readonly namespace: string | undefined
  readonly name: string
}

export const objectPath = (resource: Resource, { namespace, name }: ObjectName): string =>
  `${collectionPath(resource, namespace)}/${encodeURIComponent(name)}`
