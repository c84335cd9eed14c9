import type * as croner from 'croner'
import { createRequire } from 'node:module'

const require = createRequire(import.meta.url)

/**
 * The times of a cron expression. Few definitions have one, so the package is loaded with the first.
 *
 * @throws {Error} The text is no such expression, or there is no such time zone.
 */
export function cronOf(expression: string, timezone = 'UTC'): croner.Cron {
  const { Cron } = require('croner') as typeof croner
  return new Cron(expression, { timezone, paused: true })
}
