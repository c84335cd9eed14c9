import * as z from 'zod'
import { expected } from '../pipeline/spec/expected.ts'
import { splitList } from './split-list.ts'

const expectedOrigins = expected('origins such as https://app.example.com, without a path, or *')

/** Origins of pages, once or in a list. */
export const allowOriginSetting = z
  .union([z.array(z.string()), z.string().transform(text => [text])], { error: expectedOrigins })
  .transform((origins, context) =>
    origins.flatMap(splitList).map(text => {
      const origin = originOf(text)
      if (origin === undefined) context.addIssue({ code: 'custom', message: expectedOrigins({ input: text }) ?? '' })
      return origin ?? ''
    })
  )

/**
 * As a browser writes it. Schemes of its own, such as that of its extensions, have origins that no URL parser knows.
 */
function originOf(text: string): string | undefined {
  if (text === '*' || text === 'null') return text
  const url = URL.parse(text)
  if (url === null || url.host === '' || url.username !== '' || !/^[^/]+:\/\/[^/?#*]+\/?$/.test(text)) return undefined
  return url.origin === 'null' ? text.toLowerCase().replace(/\/$/, '') : url.origin
}
