import { expect, it } from 'vitest'
import { Reconciler } from '../../src/control/reconciler.ts'
import type { ReadFile } from '../../src/control/definition-source.ts'
import { readSource } from '../../src/pipeline/validate/read-source.ts'
import { silentLog } from '../helpers/silent-log.ts'
import { aDefinition } from './apis.ts'

function fileOf(name: string): ReadFile {
  const found = [...readSource({ file: name, text: JSON.stringify(aDefinition(name, ['http://a'])) }, undefined)]
  return { file: name, pipelines: found.flatMap(each => (each.kind === 'pipeline' ? [each.pipeline] : [])), faults: [] }
}

it('a pipeline that cannot go on, by a defect, does not keep the others from it', async () => {
  const served: string[] = []
  await using reconciler = new Reconciler({
    sources: [
      {
        name: 'files',
        shown: 'files',
        mustBeThere: false,
        read: () => Promise.resolve({ kind: 'read', files: ['a', 'b', 'c'].map(fileOf) }),
        watch: () => {},
        [Symbol.dispose]: () => {}
      }
    ],
    meaning: { resolve: new Map(), environment: {} },
    serve: ({ put }) => {
      served.push(...put.map(({ plan }) => plan.pipeline))
      return Promise.resolve()
    },
    standing: () => Promise.resolve([]),
    needProcesses: () => {},
    surroundings: {
      healthOf: () => undefined,
      missingHeaders: ({ pipeline }) => {
        if (pipeline === 'default/b') throw new TypeError('a defect')
        return []
      },
      durability: () => undefined,
      rolloutsOf: () => []
    },
    replica: 'r',
    log: silentLog
  })
  await reconciler.read()
  await reconciler.begin()
  expect(served.toSorted()).toEqual(['default/a', 'default/c'])
  expect(['a', 'b', 'c'].map(name => reconciler.get(`default/${name}`)?.phase)).toEqual([
    'Running',
    'Pending',
    'Running'
  ])
})
