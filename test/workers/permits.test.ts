import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { LentPermits, type Borrower } from '../../src/workers/lent-permits.ts'
import type { PermitAnswer, PermitMessage } from '../../src/workers/permit-message.ts'
import { RemotePermits } from '../../src/workers/remote-permits.ts'

/** One worker whose messages are under way until the test lets them arrive, each way in order. */
class Link implements Borrower {
  readonly #lent: LentPermits
  readonly #out: PermitMessage[] = []
  readonly #in: PermitAnswer[] = []
  readonly permits: RemotePermits
  /** All messages so far. */
  told = 0

  constructor(lent: LentPermits, max: number, nextNo: () => number) {
    this.#lent = lent
    const count = (message: PermitMessage): void => {
      this.told++
      this.#out.push(message)
    }
    this.permits = new RemotePermits('model', max, count, nextNo)
  }

  tell(answer: PermitAnswer): void {
    this.told++
    this.#in.push(answer)
  }

  get isQuiet(): boolean {
    return this.#out.length === 0 && this.#in.length === 0
  }

  /** One message arrives at the primary. */
  send(): void {
    const message = this.#out.shift()
    if (message?.kind === 'ask') this.#lent.ask(this, message.no, message.waits)
    if (message?.kind === 'withdraw') this.#lent.withdraw(this, message.no)
    if (message?.kind === 'give') this.#lent.giveBack(this, message.count)
  }

  /** One message arrives at the worker. */
  receive(): void {
    const answer = this.#in.shift()
    if (answer !== undefined) this.permits.receive(answer)
  }
}

interface Waiter {
  readonly worker: number
  readonly no: number
  readonly leave: () => void
}

/** Workers that call one destination, and who calls it or waits for it now. */
class Scene {
  readonly max: number
  readonly lent: LentPermits
  readonly links: Link[]
  readonly calling: number[] = []
  readonly waiting: Waiter[] = []
  /** The numbers of callers in the order in which they began, by workers. */
  readonly begun: number[][]
  #last = 0

  constructor(max: number, workers: number) {
    this.max = max
    this.lent = new LentPermits('model', max)
    let no = 0
    this.links = Array.from({ length: workers }, () => new Link(this.lent, max, () => ++no))
    this.begun = this.links.map(() => [])
  }

  call(worker: number): void {
    const no = ++this.#last
    let begun = false
    const leave = this.links[worker]?.permits.take(() => {
      begun = true
      const at = this.waiting.findIndex(waiter => waiter.no === no)
      if (at >= 0) this.waiting.splice(at, 1)
      this.calling.push(worker)
      this.begun[worker]?.push(no)
      expect(this.calling.length).toBeLessThanOrEqual(this.max)
    })
    if (!begun) this.waiting.push({ worker, no, leave: leave ?? (() => {}) })
  }

  end(at: number): void {
    const [worker] = this.calling.splice(at % Math.max(1, this.calling.length), 1)
    if (worker !== undefined) this.links[worker]?.permits.release()
  }

  leave(at: number): void {
    const [waiter] = this.waiting.splice(at % Math.max(1, this.waiting.length), 1)
    waiter?.leave()
  }

  /** All that is under way arrives. */
  settle(): void {
    while (!this.links.every(({ isQuiet }) => isQuiet)) {
      for (const link of this.links) {
        link.send()
        link.receive()
      }
    }
  }
}

const action = fc.record({
  kind: fc.constantFrom('call', 'call', 'call', 'end', 'end', 'leave', 'send', 'send', 'receive', 'receive'),
  at: fc.nat(3)
})

it('permits are never more than there are, none is lost, and nobody waits while one is free', () => {
  const run = (max: number, workers: number, actions: readonly { readonly kind: string; readonly at: number }[]) => {
    const scene = new Scene(max, workers)
    for (const { kind, at } of actions) {
      const worker = at % workers
      const link = scene.links[worker]
      if (kind === 'call') scene.call(worker)
      if (kind === 'end') scene.end(at)
      if (kind === 'leave') scene.leave(at)
      if (kind === 'send') link?.send()
      if (kind === 'receive') link?.receive()
    }
    scene.settle()
    expect(scene.calling.length === max || scene.waiting.length === 0).toBe(true)
    while (scene.calling.length > 0) {
      scene.end(0)
      scene.settle()
    }
    expect(scene.waiting).toEqual([])
    for (const begun of scene.begun) expect(begun).toEqual(begun.toSorted((a, b) => a - b))
    for (let i = 0; i < max; i++) scene.call(0)
    scene.settle()
    expect(scene.calling).toHaveLength(max)
  }
  fc.assert(fc.property(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 4 }), fc.array(action), run), {
    numRuns: 2_000
  })
})

it('a worker keeps its permits for its next calls, which ask nobody then', () => {
  const { links, ...scene } = new Scene(2, 2)
  const [first] = links
  const isQuiet = (): boolean => first?.isQuiet !== false
  const call = (): void => {
    const started: boolean[] = []
    first?.permits.take(() => started.push(true))
    while (!isQuiet()) {
      first?.send()
      first?.receive()
    }
    expect(started).toEqual([true])
    first?.permits.release()
  }
  call()
  const told = first?.told
  for (let i = 0; i < 10; i++) call()
  expect([first?.told, scene.calling]).toEqual([told, []])
})

it('a permit that another worker keeps idle is called back for who waits', () => {
  const scene = new Scene(1, 2)
  scene.call(0)
  scene.settle()
  scene.end(0)
  scene.call(1)
  expect(scene.calling).toEqual([])
  scene.settle()
  expect(scene.calling).toEqual([1])
})

it('workers that all wait get permits in the order in which they asked', () => {
  const scene = new Scene(1, 2)
  for (const worker of [0, 0, 1, 0, 1]) {
    scene.call(worker)
    scene.settle()
  }
  const order: number[] = []
  while (scene.calling.length > 0) {
    order.push(...scene.calling)
    scene.end(0)
    scene.settle()
  }
  expect(order).toEqual([0, 0, 1, 0, 1])
})

it('the permits of a worker that is gone go to those who wait, and its own questions are forgotten', () => {
  const scene = new Scene(2, 2)
  for (const worker of [0, 0, 0, 1, 1, 1]) {
    scene.call(worker)
    scene.settle()
  }
  const [gone] = scene.links
  if (gone !== undefined) scene.lent.leave(gone)
  scene.calling.splice(0)
  scene.settle()
  expect(scene.calling).toEqual([1, 1])
})

it('a permit that is only wanted if it is free is given or refused, and never kept by who did not get it', async () => {
  const scene = new Scene(1, 2)
  const [first, second] = scene.links
  const taken = first?.permits.tryTake()
  scene.settle()
  const refused = second?.permits.tryTake()
  scene.settle()
  expect([await taken, await refused]).toEqual([true, false])
  first?.permits.release()
  scene.settle()
  const next = second?.permits.tryTake()
  scene.settle()
  expect(await next).toBe(true)
})
