import { describe, expect, it } from 'vitest'
import { transition, transitions, type LifecycleEvent, type Phase } from '../../src/control/lifecycle.ts'
import { Random } from '../fuzz/random.ts'

const phases = [
  'Pending',
  'Failed',
  'Running',
  'Scaling',
  'RollingUpdate',
  'Pausing',
  'Paused',
  'Deleting',
  'Gone'
] as const satisfies readonly Phase[]

const events = [
  'waits',
  'fails',
  'rolls',
  'scales',
  'serves',
  'drained',
  'late',
  'stopped',
  'pause',
  'resume',
  'delete',
  'restore'
] as const satisfies readonly LifecycleEvent[]

describe('the table of phases', () => {
  it('says one thing at most of each phase and event, and knows all of both', () => {
    const said = transitions.flatMap(({ from, on }) => from.map(phase => `${phase} ${on}`))
    expect(new Set(said).size).toBe(said.length)
    expect(new Set(transitions.flatMap(({ from, to }) => [...from, to]))).toEqual(new Set(phases))
    expect(new Set(transitions.map(({ on }) => on))).toEqual(new Set(events))
  })

  it('no sequence of events leads to a phase that is none, and nothing leads out of Gone', () => {
    const random = new Random(20261130, 'phases')
    for (let run = 0; run < 2_000; run++) {
      let phase: Phase = 'Pending'
      for (let i = 0; i < 30; i++) {
        phase = transition(phase, random.pick(events))?.to ?? phase
        expect(phases).toContain(phase)
      }
    }
    expect(events.filter(event => transition('Gone', event) !== undefined)).toEqual([])
  })

  it.each([
    ['Pausing', ['drained', 'stopped'], 'Paused'],
    ['Pausing', ['late', 'drained', 'stopped'], 'Paused'],
    ['Pausing', ['resume', 'serves'], 'Running'],
    ['Pausing', ['delete', 'drained'], 'Gone'],
    ['RollingUpdate', ['serves'], 'Running'],
    ['Scaling', ['serves'], 'Running'],
    ['Deleting', ['drained'], 'Gone'],
    ['Deleting', ['late', 'drained'], 'Gone'],
    ['Deleting', ['restore', 'serves'], 'Running']
  ] as const)('leads out of %s by %j to %s', (from, way, to) => {
    expect(way.reduce<Phase>((phase, event) => transition(phase, event)?.to ?? phase, from)).toBe(to)
  })

  it('opens the gate on each way back to service, and lets processes run', () => {
    const back = transitions.filter(
      ({ from, on }) => on === 'resume' || (on === 'restore' && from.includes('Deleting'))
    )
    for (const { does } of back) expect(does).toEqual(['start', 'open'])
  })
})
