import { createHash } from 'node:crypto'

const longest = 63

/** The name of what is deployed for a step; names that are too long end in a digest of the whole. */
export function childName(pipeline: string, step: string): string {
  const name = `${pipeline}-${step}`
  if (name.length <= longest) return name
  const digest = createHash('sha256').update(name).digest('hex').slice(0, 8)
  return `${name.slice(0, longest - 9).replace(/-+$/, '')}-${digest}`
}
