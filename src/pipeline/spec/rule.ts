import type * as z from 'zod'

/** A mapping as it was written: what is in its fields may be anything. */
export type Fields = Readonly<Record<string, unknown>>

/** Reports a fault at a path below the mapping. */
export type Report = (path: readonly (string | number)[], message: string, hint?: string) => void

/**
 * A check over several fields of a mapping. It runs even if one of them is invalid, so that all faults are told at
 * once.
 */
export type Rule = (fields: Fields, report: Report) => void

/** The arguments of `superRefine` for some rules. */
export const rules = (...checks: readonly Rule[]) =>
  [
    (value: unknown, context: Pick<z.core.$RefinementCtx, 'addIssue'>): void => {
      if (!isMapping(value)) return
      const report: Report = (path, message, hint) =>
        context.addIssue({ code: 'custom', path: [...path], message, ...(hint !== undefined && { params: { hint } }) })
      for (const check of checks) check(value, report)
    },
    { when: () => true }
  ] as const

/** An object as YAML and JSON have it. */
export const isMapping = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
