import type { ApiClient } from '../client/api-client.ts'
import { ApiFailure, failureText } from '../client/api-failure.ts'
import { apply } from '../client/apply.ts'
import { listPages } from '../client/list-pages.ts'
import type { KubernetesObject, ObjectMeta } from '../client/object.ts'
import { collectionPath, objectPath } from '../client/resource.ts'
import { childKey, type Child } from './child.ts'
import { formerOwnersOf, otherOwnerOf } from './child-owner.ts'
import { manager } from './manager.ts'
import type { Refusal } from './refusal.ts'

/** An object is removed, or made by somebody else, between a look and the apply after it: so often in a row at most. */
const mostLooks = 3

interface Known {
  /** The uid of its pipeline. */
  readonly owner: string | undefined
  readonly uid: string | undefined
}

/** Applies children, and never over an object that is not of their pipeline. */
export class OwnedChildren {
  readonly #client: ApiClient
  /** The uids of those that are of their pipeline, by child: an apply names them, so that nobody has to look again. */
  readonly #known = new Map<string, Known>()

  constructor({ client }: { readonly client: ApiClient }) {
    this.#client = client
  }

  /** Looks who has the name of a child, unless that is known. Answers why it must not be applied. */
  async look(parent: ObjectMeta, child: Child): Promise<Refusal | undefined> {
    if (this.#uidOf(parent, child) !== undefined) return undefined
    try {
      const found = await this.#find(child)
      if (found === undefined) return undefined
      const refusal = refusalOf(parent, child, found)
      if (refusal === undefined) await this.#takeUp(parent, child, found)
      return refusal
    } catch (thrown) {
      return { isConflict: false, text: failureText(thrown) }
    }
  }

  /** After a look. Answers why it was not applied; throws what the client throws. */
  async apply(parent: ObjectMeta, child: Child, looks = 1): Promise<Refusal | undefined> {
    const uid = this.#uidOf(parent, child)
    const made = await this.#applyOver(uid, child).catch((thrown: unknown) => {
      if (looks >= mostLooks || !isOther(thrown, uid)) throw thrown
      return undefined
    })
    if (made !== undefined && (uid !== undefined || isNew(made))) {
      this.#know(parent, child, made.metadata)
      return undefined
    }
    this.forget(key => key === keyOf(child))
    if (made !== undefined) await this.#giveBack(child, made.metadata)
    return (await this.look(parent, child)) ?? this.apply(parent, child, looks + 1)
  }

  forget(isMeant: (key: string, known: Known) => boolean): void {
    for (const [key, known] of this.#known) if (isMeant(key, known)) this.#known.delete(key)
  }

  #uidOf(parent: ObjectMeta, child: Child): string | undefined {
    const known = this.#known.get(keyOf(child))
    return known?.owner === parent.uid ? known?.uid : undefined
  }

  #know({ uid: owner }: ObjectMeta, child: Child, { uid }: ObjectMeta): void {
    this.#known.set(keyOf(child), { owner, uid })
  }

  /** By a list of one: the controller need not have the right to `get` what it lists anyway. */
  async #find({ resource, object: { metadata } }: Child): Promise<ObjectMeta | undefined> {
    const path = collectionPath(resource, metadata.namespace)
    const query = { fieldSelector: `metadata.name=${metadata.name}` }
    const { items } = await listPages(this.#client, path, query, (object: KubernetesObject) => object.metadata)
    return items[0]
  }

  /** An object has one controller only, so that the one that went before has to go from it first. */
  async #takeUp(parent: ObjectMeta, child: Child, found: ObjectMeta): Promise<void> {
    const former = formerOwnersOf(found, parent)
    if (former.length > 0) {
      const { namespace, name, resourceVersion } = found
      const body = [
        { op: 'test', path: '/metadata/resourceVersion', value: resourceVersion },
        ...former.map(place => ({ op: 'remove', path: `/metadata/ownerReferences/${place}` }))
      ]
      const contentType = 'application/json-patch+json'
      const query = { fieldManager: manager }
      await this.#client.call('PATCH', objectPath(child.resource, { namespace, name }), { contentType, query, body })
    }
    this.#know(parent, child, found)
  }

  #applyOver(uid: string | undefined, { resource, object }: Child): Promise<KubernetesObject> {
    const metadata = { ...object.metadata, ...(uid !== undefined && { uid }) }
    return apply(this.#client, resource, { ...object, metadata }, { manager })
  }

  /** Somebody made it after the look: an apply of nothing takes back all that ours has added. */
  async #giveBack({ resource, object: { apiVersion = '', kind = '' } }: Child, made: ObjectMeta): Promise<void> {
    const { name, namespace, uid } = made
    const metadata = { name, ...(namespace !== undefined && { namespace }), ...(uid !== undefined && { uid }) }
    await apply(this.#client, resource, { apiVersion, kind, metadata }, { manager })
  }
}

const keyOf = ({ resource, object }: Child): string => childKey(resource, object)

/** Nobody else had set a field of it. */
const isNew = ({ metadata: { managedFields = [] } }: KubernetesObject): boolean =>
  managedFields.every(({ manager: other }) => other === manager)

/** There is another object than the one that was seen, or one where there was none. */
const isOther = (thrown: unknown, uid: string | undefined): boolean =>
  thrown instanceof ApiFailure &&
  ((thrown.status === 409 && (uid === undefined || thrown.causes.length === 0)) ||
    thrown.causes.some(({ field }) => field === 'metadata.uid'))

function refusalOf(parent: ObjectMeta, { resource: { kind } }: Child, found: ObjectMeta): Refusal | undefined {
  const { name, deletionTimestamp } = found
  const whose = otherOwnerOf(found, parent)
  if (whose !== undefined) {
    const text = `the ${kind} ${name} ${whose}, and stays as it is: rename this pipeline or its step, or remove that ${kind}`
    return { isConflict: false, isNameTaken: true, text }
  }
  if (deletionTimestamp === undefined) return undefined
  return { isConflict: false, text: `the ${kind} ${name} is being deleted; it is made again afterwards` }
}
