import type * as z from 'zod'
import { nearest } from '../pipeline/validate/nearest.ts'
import { settings, type Settings } from './settings.ts'

/** The settings of one source: those that are valid, and the faults of the others. */
export interface ReadSettings {
  readonly settings: Settings
  readonly faults: readonly SettingFault[]
}

export interface SettingFault {
  readonly setting: string
  readonly message: string
}

/** Judges the values of one source; a faulty one takes nothing from the others. */
export function readSettings(values: Readonly<Record<string, unknown>>): ReadSettings {
  const parsed = settings.safeParse(values)
  if (parsed.success) return { settings: parsed.data, faults: [] }
  const faults = parsed.error.issues.flatMap(settingFaults)
  const faulty = new Set(faults.map(({ setting }) => setting))
  const sound = Object.entries(values).filter(([setting]) => !faulty.has(setting))
  return { settings: settings.parse(Object.fromEntries(sound)), faults }
}

function settingFaults(issue: z.core.$ZodIssue): SettingFault[] {
  if (issue.code !== 'unrecognized_keys') return [{ setting: String(issue.path[0]), message: issue.message }]
  return issue.keys.map(setting => {
    const meant = nearest(setting, Object.keys(settings.shape))
    return { setting, message: `unknown setting${meant === undefined ? '' : `; did you mean '${meant}'?`}` }
  })
}
