import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { errorKinds } from '../src/errors.ts'
import { readPipelines } from '../src/pipeline/read-pipelines.ts'

const readme = readFileSync('README.md', 'utf8')
const section = (heading: string): string => readme.split(`### ${heading}\n`)[1]?.split('\n### ')[0] ?? ''

describe('README', () => {
  it('lists every error code with its status, and none that there is not', () => {
    const rows = [...section('Error codes').matchAll(/^\| ([\d, ]+) \| (.*) \|$/gm)]
    const listed = rows.flatMap(([, statuses = '', codes = '']) =>
      [...codes.matchAll(/`([A-Z_]+)`/g)].map(([, code = '']) => ({ code, statuses: statuses.split(', ').map(Number) }))
    )
    expect(listed.map(({ code }) => code).toSorted()).toEqual(Object.keys(errorKinds).toSorted())
    for (const { code, statuses } of listed) {
      expect(statuses, code).toContain(errorKinds[code as keyof typeof errorKinds].status)
    }
  })

  it('shows a pipeline that is valid', () => {
    const [, text = ''] = /```yaml\n([\s\S]*?)```/.exec(readme) ?? []
    expect(readPipelines([{ file: 'README.md', text }]).faults).toEqual([])
  })

  it('names only scripts that there are', () => {
    const { scripts } = JSON.parse(readFileSync('package.json', 'utf8'))
    for (const [, script = ''] of readme.matchAll(/npm run ([a-z:]+)/g)) expect(Object.keys(scripts)).toContain(script)
  })
})
