import { globSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'

/** The root of the project, where every path here begins. */
const root = new URL('../..', import.meta.url).pathname

/** They make servers, connections, processes and threads; a helper of the tests that imports one of them may start something. */
const starting = /^node:(?:http|http2|net|dgram|child_process|worker_threads|cluster)$|^undici$/

/** These start something by way of the gateway's own rooms. `test/setup/nothing-started.ts` tells when one is missing. */
const byItself =
  /(?:startGateway|openLedger|openSqliteLedger|startAdmin|ExpressionThread|limitFileSize|createApiClient)\b/

const importsOf = (text: string): readonly string[] =>
  [...text.matchAll(/^(?:import|export)(?! type)[^']*?'([^']+)'/gm)].map(match => match[1] ?? '')

/** The files of tests that start no server, process or thread and open no socket: those have nothing to wait for. */
export function unitTests(): readonly string[] {
  const known = new Map<string, boolean>()
  const starts = (file: string): boolean => {
    const answer = known.get(file)
    if (answer !== undefined) return answer
    known.set(file, false)
    const text = readFileSync(join(root, file), 'utf8')
    const does = byItself.test(text) || importsOf(text).some(name => starting.test(name) || helperStarts(file, name))
    known.set(file, does)
    return does
  }
  const helperStarts = (file: string, name: string): boolean => {
    const path = normalize(join(dirname(file), name))
    return name.startsWith('.') && path.startsWith('test/') && path.endsWith('.ts') && starts(path)
  }
  return globSync('test/**/*.test.ts', { cwd: root }).filter(file => !starts(file))
}
