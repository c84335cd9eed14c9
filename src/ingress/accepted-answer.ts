import { jsonAnswer, type Answer } from '../http/answer.ts'
import { linksOf } from '../ledger/record/status-document.ts'
import { appliedPreference, type Preference } from './preference.ts'

/** 202: the request is in the ledger, and can be asked about. */
export function acceptedAnswer(id: string, pipeline: string, preference: Preference): Answer {
  const links = linksOf(pipeline, id)
  const headers = ['location', links.self, ...preferenceHeaders(preference)]
  return jsonAnswer(202, { id, status: 'accepted', links }, headers)
}

/** 202 for the requests of a batch, in the order of its events. */
export function acceptedBatchAnswer(
  ids: readonly string[],
  pipeline: string,
  { respondAsync }: Pick<Preference, 'respondAsync'>
): Answer {
  const items = ids.map(id => ({ id, status: 'accepted', links: linksOf(pipeline, id) }))
  // Nobody waits for the replies of a batch, however long its caller would.
  return jsonAnswer(202, { items }, preferenceHeaders({ respondAsync, waitMs: undefined }))
}

function preferenceHeaders(preference: Preference): readonly string[] {
  const applied = appliedPreference(preference)
  return applied === '' ? [] : ['preference-applied', applied]
}
