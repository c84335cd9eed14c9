import { eachHeader } from './each-header.ts'
import { namesIn } from './environment.ts'
import { changeTexts } from './filled-texts.ts'
import { isMapping } from './spec/rule.ts'

/**
 * The environment variables that hold secrets of a spec, as far as it tells: those of its headers, and of the queries
 * of its URLs. No process of a step inherits them.
 */
export function secretVariables(spec: unknown): readonly string[] {
  const names: string[] = []
  changeTexts(spec, [], (text, { field }) => {
    if (field === 'headers' || field === 'redisStream') names.push(...namesIn(text))
    if (field === 'uri' && text.includes('?')) names.push(...namesIn(text.slice(text.indexOf('?'))))
    return text
  })
  for (const { value } of eachHeader(spec)) {
    if (isMapping(value) && typeof value['env'] === 'string') names.push(value['env'])
  }
  return names
}
