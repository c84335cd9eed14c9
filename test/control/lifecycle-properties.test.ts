import { describe, expect, it } from 'vitest'
import { Random } from '../fuzz/random.ts'
import { waitFor } from '../helpers/wait-for.ts'
import { aDefinition } from './apis.ts'
import { LifecycleWorld, type Health } from './lifecycle-world.ts'

const names = ['a', 'b', 'c'] as const

const ended = 'http://127.0.0.1:9/end'

const text = (
  name: string,
  steps: readonly unknown[],
  lifecycle: Record<string, unknown> = {},
  dependsOn?: readonly (string | undefined)[]
) =>
  JSON.stringify(
    aDefinition(name, steps as Parameters<typeof aDefinition>[1], {
      lifecycle: { pauseGracePeriodSeconds: 0, ...lifecycle },
      ...(dependsOn && { dependsOn })
    })
  )

const aProcess = (version: number) => ({ name: 'p', run: { command: ['x'], env: { V: String(version) }, min: 1 } })

/** Some definition of it, good or faulty. */
function someText(name: string, random: Random): string {
  if (random.oneIn(6)) return '{"kind": "ServingPipeline"'
  const others = names.filter(other => other > name)
  const lifecycle = {
    ...(random.oneIn(2) && { pauseGracePeriodSeconds: 3600 }),
    ...(random.oneIn(3) && { desiredPhase: 'Paused' })
  }
  const dependsOn = random.oneIn(2) && others.length > 0 ? [random.pick(others)] : undefined
  const step = random.oneIn(2) ? aProcess(random.below(3)) : `http://127.0.0.1:9/${random.below(4)}`
  return text(name, [step], lifecycle, dependsOn)
}

/** One thing that happens. */
function happen(world: LifecycleWorld, random: Random): void {
  const name = random.pick(names)
  switch (random.below(8)) {
    case 0:
    case 1:
    case 2:
      world.texts.set(name, someText(name, random))
      break
    case 3:
      world.texts.delete(name)
      break
    case 4:
    case 5:
      world.inFlight.set(`default/${name}`, { now: random.below(3), before: random.below(2) })
      break
    case 6:
      world.processesEnd()
      break
    default:
      world.all(random.pick(['ready', 'short', 'failing', 'failedOnce'] as const))
  }
}

const nothingInFlight = { now: 0, before: 0 }

describe('whatever happens to pipelines', () => {
  it.each([1, 2, 3, 4, 5, 6, 7, 8])(
    'none stays under way for ever, and each comes to what is wanted of it (seed %i)',
    async seed => {
      const random = new Random(seed, 'lifecycle')
      await using world = new LifecycleWorld()
      const { reconciler } = world
      await reconciler.begin().catch(() => {})
      for (let i = 0; i < 60; i++) {
        happen(world, random)
        await reconciler.reread()
        for (const entry of reconciler.entries) {
          expect([entry.phase, entry.gate].join(' ')).toMatch(
            /^(Pending|Failed|Running|Scaling|RollingUpdate) open$|^Paus(ing|ed) paused$|^(Deleting|Gone) gone$/
          )
          if (entry.phase === 'Paused') expect([entry.pipeline, world.runs(entry)]).toEqual([entry.pipeline, false])
        }
      }
      // Then all is well, and nothing more happens, but those that have no grace period must be cut.
      for (const name of names) world.texts.set(name, text(name, [ended]))
      const paused = random.pick(names)
      world.texts.set(paused, text(paused, [ended], { desiredPhase: 'Paused' }))
      for (const name of names) world.inFlight.set(`default/${name}`, nothingInFlight)
      await reconciler.reread()
      await waitFor(
        () => {
          world.processesEnd()
          world.all('ready')
          return names.every(name => world.entry(name)?.phase === (name === paused ? 'Paused' : 'Running'))
        },
        { what: `the end: ${reconciler.entries.map(({ pipeline, phase }) => `${pipeline} ${phase}`).join()}` }
      )
      for (const name of names) world.inFlight.set(`default/${name}`, { now: 1, before: 0 })
      const deleted = names.find(name => name !== paused) ?? 'a'
      world.texts.delete(deleted)
      for (const name of names)
        if (name !== deleted) world.texts.set(name, text(name, [ended], { desiredPhase: 'Paused' }))
      await reconciler.reread()
      await waitFor(() => reconciler.entries.every(({ phase }) => phase === 'Paused'), { what: 'that all are paused' })
      expect(world.entry(deleted)).toBeUndefined()
      world.texts.clear()
      await reconciler.reread()
      await waitFor(() => reconciler.entries.length === 0, { what: 'that all are gone' })
      expect(world.served.size).toBe(0)
      expect(world.mistakes).toEqual([])
    }
  )
})

describe('the phase of a pipeline', () => {
  it.each<[Health, string]>([
    ['starting', 'Pending'],
    ['failing', 'Failed'],
    ['short', 'Scaling'],
    ['failedOnce', 'Running'],
    ['ready', 'Running']
  ])('is told by its processes: %s, %s', async (health, phase) => {
    await using world = new LifecycleWorld()
    world.texts.set('a', text('a', [aProcess(1)]))
    await world.reconciler.reread()
    world.all(health)
    await waitFor(() => world.entry('a')?.phase === phase, { what: phase })
    // It stays so.
    await world.reconciler.reread()
    expect(world.entry('a')?.phase).toBe(phase)
  })

  it('is RollingUpdate while anything is in flight of the generation before', async () => {
    await using world = new LifecycleWorld()
    world.texts.set('a', text('a', [ended]))
    await world.reconciler.reread()
    world.inFlight.set('default/a', { now: 1, before: 1 })
    world.texts.set('a', text('a', [`${ended}/2`]))
    await world.reconciler.reread()
    await waitFor(() => world.entry('a')?.phase === 'RollingUpdate', { what: 'the roll-out' })
    world.inFlight.set('default/a', { now: 1, before: 0 })
    await waitFor(() => world.entry('a')?.phase === 'Running', { what: 'its end' })
  })

  it('is Paused only when its processes have ended, and those that need it are paused before it', async () => {
    await using world = new LifecycleWorld()
    world.texts.set('b', text('b', [aProcess(1)]))
    world.texts.set('a', text('a', [ended], { pauseGracePeriodSeconds: 3600 }, ['b']))
    await world.reconciler.reread()
    world.all('ready')
    await waitFor(() => world.entry('a')?.phase === 'Running', { what: 'both' })
    world.inFlight.set('default/a', { now: 1, before: 0 })
    world.texts.set('b', text('b', [aProcess(1)], { desiredPhase: 'Paused' }))
    await world.reconciler.reread()
    await waitFor(() => world.entry('a')?.phase === 'Pausing', { what: 'the one that needs it' })
    expect([world.entry('b')?.phase, world.entry('b')?.waitsForNeeders]).toEqual(['Running', true])
    world.inFlight.delete('default/a')
    await waitFor(() => world.entry('b')?.phase === 'Pausing', { what: 'its turn' })
    await world.reconciler.reread()
    expect(world.entry('b')?.phase).toBe('Pausing')
    world.processesEnd()
    await waitFor(() => world.entry('b')?.phase === 'Paused', { what: 'the end' })
    expect(world.mistakes).toEqual([])
  })

  it.each(['Pausing', 'Paused'])('leads back from %s to Running, with its processes', async from => {
    await using world = new LifecycleWorld()
    const wants = (desiredPhase: string): Promise<void> => {
      world.texts.set('a', text('a', [aProcess(1)], { desiredPhase, pauseGracePeriodSeconds: 3600 }))
      return world.reconciler.reread()
    }
    await wants('Running')
    await waitFor(() => world.entry('a')?.runs, { what: 'the process' })
    await wants('Paused')
    if (from === 'Paused') {
      await waitFor(
        () => {
          world.processesEnd()
          return world.entry('a')?.phase === 'Paused'
        },
        { what: 'the pause' }
      )
    } else await waitFor(() => world.entry('a')?.runs === false, { what: 'that its process is to end' })
    expect(world.entry('a')?.phase).toBe(from)
    await wants('Running')
    await waitFor(
      () => {
        world.processesEnd()
        world.all('ready')
        return world.entry('a')?.phase === 'Running' && world.runs(world.entry('a')!)
      },
      { what: 'service' }
    )
  })

  it('is Pausing for a request too that came in as the gate was closed, after the last count', async () => {
    await using world = new LifecycleWorld()
    const wants = (desiredPhase: string): Promise<void> => {
      world.texts.set('a', text('a', [ended], { desiredPhase, pauseGracePeriodSeconds: 3600 }))
      return world.reconciler.reread()
    }
    await wants('Running')
    world.late.add('default/a')
    await wants('Paused')
    for (let looks = 0; looks < 3; looks++) {
      expect([world.entry('a')?.phase, world.entry('a')?.runs]).toEqual(['Pausing', true])
      await world.reconciler.reread()
    }
    world.inFlight.delete('default/a')
    await waitFor(() => world.entry('a')?.phase === 'Paused', { what: 'the pause' })
  })

  it('does not stay Pausing for a request that does not end though it is cut', async () => {
    await using world = new LifecycleWorld()
    world.texts.set('a', text('a', [ended]))
    await world.reconciler.reread()
    world.inFlight.set('default/a', { now: 1, before: 0 })
    world.stubborn.add('default/a')
    world.texts.set('a', text('a', [ended], { desiredPhase: 'Paused' }))
    await world.reconciler.reread()
    await waitFor(() => world.entry('a')?.phase === 'Paused', { what: 'the pause' })
    expect(world.inFlight.size).toBe(1)
  })

  it('leads from Pausing to the end where it is deleted, once what is in flight is', async () => {
    await using world = new LifecycleWorld()
    world.texts.set('a', text('a', [ended], { pauseGracePeriodSeconds: 3600 }))
    await world.reconciler.reread()
    world.inFlight.set('default/a', { now: 1, before: 0 })
    world.texts.set('a', text('a', [ended], { pauseGracePeriodSeconds: 3600, desiredPhase: 'Paused' }))
    await world.reconciler.reread()
    expect(world.entry('a')?.phase).toBe('Pausing')
    world.texts.delete('a')
    await world.reconciler.reread()
    expect([world.entry('a')?.phase, world.entry('a')?.gate]).toEqual(['Deleting', 'gone'])
    world.inFlight.delete('default/a')
    await waitFor(() => world.entry('a') === undefined, { what: 'its end' })
    expect(world.served.size).toBe(0)
  })
})
