import { expect, it } from 'vitest'
import type { Visit } from '../../src/flow/request.ts'
import { StepWatch } from '../../src/mover/step-watch.ts'
import { aPlan } from '../helpers/a-plan.ts'

const step = (name: string) => ({ name, uri: `http://localhost:9101/${name}` })

/** A run of two branches that has called both of them once. */
function aRun() {
  const visits: Visit[] = []
  const watch = new StepWatch(visits, new Set())
  const branches = ['left', 'right'].map(name => ({ name, steps: [step(`score-${name}`)] }))
  watch.plan = aPlan({ steps: [{ name: 'fan', parallel: { branches } }] })
  const places = ['left', 'right'].map(name => ({ name: `score-${name}`, path: `fan/${name}/score-${name}` }))
  watch.begins({ name: 'fan', path: 'fan' })
  for (const place of places) watch.begins(place)
  const calls = places.map(place => watch.calling({ step: place, attempts: { count: 1, heldSince: undefined } }))
  return { visits, watch, calls }
}

const told = (watch: StepWatch) => watch.news(Date.now())?.map(({ path, status }) => `${path} ${status}`)

it('that a step has ended is news, however often it was called', () => {
  const { visits, watch, calls } = aRun()
  expect(told(watch)).toEqual(['fan running', 'fan/left/score-left running', 'fan/right/score-right running'])
  expect(told(watch)).toBeUndefined()
  calls[0]?.[Symbol.dispose]()
  const [attempts, durationMs, finishedAt] = [1, 5, Date.now()]
  visits.push({ step: 'score-left', path: 'fan/left/score-left', outcome: 'held', attempts, durationMs, finishedAt })
  expect(told(watch)).toEqual(['fan running', 'fan/left/score-left held', 'fan/right/score-right running'])
})

it('news that could not be told are news again', () => {
  const { watch } = aRun()
  const first = told(watch)
  watch.newsAreLost()
  expect([told(watch), told(watch)]).toEqual([first, undefined])
})
