import { describe, expect, it } from 'vitest'
import type { Controlled } from '../../src/control/controlled.ts'
import type { ProcessHealth } from '../../src/control/process-health.ts'
import { Reconciler } from '../../src/control/reconciler.ts'
import type { Served } from '../../src/control/served.ts'
import type { ReadFile, DefinitionSource } from '../../src/control/definition-source.ts'
import { readSource } from '../../src/pipeline/validate/read-source.ts'
import { Random } from '../fuzz/random.ts'
import { silentLog } from '../helpers/silent-log.ts'
import { waitFor } from '../helpers/wait-for.ts'
import { aDefinition } from './apis.ts'

const names = ['a', 'b', 'c'] as const

/** A reconciler whose surroundings do what dice say. */
class World implements AsyncDisposable {
  readonly texts = new Map<string, string>()
  readonly served = new Map<string, Served>()
  readonly inFlight = new Map<string, number>()
  readonly health = new Map<string, ProcessHealth>()
  readonly reconciler: Reconciler

  constructor() {
    this.reconciler = new Reconciler({
      sources: [this.#source()],
      meaning: { resolve: new Map(), environment: {} },
      serve: changes => {
        for (const each of changes.put) this.served.set(each.plan.pipeline, each)
        for (const pipeline of changes.removed) this.served.delete(pipeline)
        return Promise.resolve()
      },
      standing: pipelines =>
        Promise.resolve(
          pipelines.map(pipeline => {
            const count = this.inFlight.get(pipeline) ?? 0
            const generation = this.served.get(pipeline)?.generation ?? 0
            const ended = this.served.get(pipeline)?.cut === true
            if (ended) this.inFlight.set(pipeline, 0)
            return { pipeline, inFlight: [{ generation, count, stored: 0 }], cut: ended ? count : 0 }
          })
        ),
      needProcesses: (_pipeline, processes, desiredPhase) => {
        for (const { spec } of processes) {
          if (desiredPhase === 'Paused') this.health.delete(spec.key)
          else if (!this.health.has(spec.key)) this.health.set(spec.key, healthOf('starting'))
        }
      },
      surroundings: {
        healthOf: key => this.health.get(key),
        missingHeaders: () => [],
        durability: () => undefined,
        rolloutsOf: () => []
      },
      replica: 'r',
      log: silentLog
    })
  }

  entry(name: string): Controlled | undefined {
    return this.reconciler.get(`default/${name}`)
  }

  all(kind: 'ready' | 'failing'): void {
    for (const key of this.health.keys()) this.health.set(key, healthOf(kind))
    for (const key of this.health.keys()) this.reconciler.processChanged(key)
  }

  #source(): DefinitionSource {
    const read = (): ReadFile[] =>
      [...this.texts].map(([file, text]) => {
        const found = [...readSource({ file, text }, undefined)]
        return {
          file,
          pipelines: found.flatMap(each => (each.kind === 'pipeline' ? [each.pipeline] : [])),
          faults: found.flatMap(each => (each.kind === 'fault' ? [each.fault] : []))
        }
      })
    return {
      name: 'world',
      shown: 'world',
      mustBeThere: false,
      read: () => Promise.resolve({ kind: 'read', files: read() }),
      watch() {},
      [Symbol.dispose]() {}
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.reconciler[Symbol.asyncDispose]()
  }
}

const healthOf = (kind: 'ready' | 'failing' | 'starting'): ProcessHealth => ({
  state: kind === 'failing' ? { kind, reason: 'ended with exit code 3' } : { kind },
  wasReady: kind === 'ready',
  failures: kind === 'failing' ? 2 : 0,
  instances: { desired: 1, ready: kind === 'ready' ? 1 : 0 }
})

/** Some definition of it, good or faulty. */
function someText(name: string, random: Random): string {
  if (random.oneIn(6)) return '{"kind": "ServingPipeline"'
  const others = names.filter(other => other > name)
  const spec = {
    lifecycle: { pauseGracePeriodSeconds: 0, ...(random.oneIn(3) && { desiredPhase: 'Paused' }) },
    ...(random.oneIn(3) && others.length > 0 && { dependsOn: [random.pick(others)] })
  }
  const run = { command: ['x'], env: { V: String(random.below(3)) }, min: 1 }
  return JSON.stringify(aDefinition(name, [random.oneIn(2) ? { run } : `http://127.0.0.1:9/${random.below(4)}`], spec))
}

/** One thing that happens. */
function happen(world: World, random: Random): void {
  const name = random.pick(names)
  switch (random.below(6)) {
    case 0:
    case 1:
    case 2:
      world.texts.set(name, someText(name, random))
      break
    case 3:
      world.texts.delete(name)
      break
    case 4:
      world.inFlight.set(`default/${name}`, random.below(3))
      break
    default:
      world.all(random.oneIn(2) ? 'ready' : 'failing')
  }
}

describe('whatever happens to pipelines', () => {
  it.each([1, 2, 3, 4, 5, 6, 7, 8])(
    'none stays under way for ever, and each comes to what is wanted of it (seed %i)',
    async seed => {
      const random = new Random(seed, 'lifecycle')
      await using world = new World()
      await world.reconciler.begin().catch(() => {})
      for (let i = 0; i < 60; i++) {
        happen(world, random)
        await world.reconciler.reread()
        for (const { phase, gate } of world.reconciler.entries) {
          expect([phase, gate].join(' ')).toMatch(
            /^(Pending|Failed|Running|Scaling|RollingUpdate) open$|^Paus(ing|ed) paused$|^(Deleting|Gone) gone$/
          )
        }
      }
      // Then all is well, and nothing more happens.
      for (const name of names) world.texts.set(name, JSON.stringify(aDefinition(name, [`http://127.0.0.1:9/end`])))
      const paused = random.pick(names)
      world.texts.set(
        paused,
        JSON.stringify(
          aDefinition(paused, ['http://127.0.0.1:9/end'], {
            lifecycle: { desiredPhase: 'Paused', pauseGracePeriodSeconds: 0 }
          })
        )
      )
      world.inFlight.clear()
      await world.reconciler.reread()
      await waitFor(
        () => {
          world.all('ready')
          return names.every(name => world.entry(name)?.phase === (name === paused ? 'Paused' : 'Running'))
        },
        { what: `the end: ${world.reconciler.entries.map(({ pipeline, phase }) => `${pipeline} ${phase}`).join()}` }
      )
      world.texts.clear()
      await world.reconciler.reread()
      await waitFor(() => world.reconciler.entries.length === 0, { what: 'that all are gone' })
      expect(world.served.size).toBe(0)
    }
  )
})
