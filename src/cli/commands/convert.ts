import { convertDefinitions, whyNot } from '../../convert/convert-definitions.ts'
import { isKind } from '../../convert/kinds.ts'
import { readDefinitions } from '../../control/definitions.ts'
import { exitCodes } from '../exit-codes.ts'
import { fail } from '../fail.ts'
import { plainText } from '../print/plain-text.ts'

/** Prints the definitions of the file as those of the kind, and names on stderr what that kind cannot express. */
export async function convertFile(path: string, to: string): Promise<void> {
  if (!isKind(to)) return fail(whyNot(to), exitCodes.usage)
  const sources = await readDefinitions([path])
  const documents: string[] = []
  let left = false
  for (const source of sources) {
    const converted = convertDefinitions(source, to)
    documents.push(...converted.documents.map(document => document.toString({ lineWidth: 0, directives: false })))
    for (const { pipeline, path: place, reason } of converted.notCarried) {
      left = true
      process.stderr.write(plainText(`${pipeline} ${place}: not carried over: ${reason}\n`))
    }
  }
  process.stdout.write(documents.join('---\n'))
  if (left) process.exitCode = exitCodes.notCarried
}
