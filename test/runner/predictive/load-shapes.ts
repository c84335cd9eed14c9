/** Calls a second at a time in seconds. */
export type Rate = (second: number) => number

export interface Shape {
  readonly name: string
  /** By a seed, where there is chance in it. */
  readonly rate: (seed: number) => Rate
  /** The time before this second is learned from. */
  readonly countedFrom: number
  readonly until: number
}

export const hour = 3600
export const day = 24 * hour

export const bell = (second: number, at: number, width: number): number => Math.exp(-0.5 * ((second - at) / width) ** 2)

/** From 0 to 1 around a time. */
export const rise = (second: number, at: number, width: number): number => 1 / (1 + Math.exp(-(second - at) / width))

/**
 * A day of requests: next to nothing at night, a plateau over the working hours, a sharp peak at lunch and a broad one in
 * the evening, as services show that people call; each day is a little different.
 */
const dayWithLunch: Rate = second => {
  const time = second % day
  const size = [1, 0.9, 1.1, 0.95, 1.05][Math.floor(second / day) % 5] ?? 1
  const work = 4 * rise(time, 8 * hour, 1500) * rise(18 * hour, time, 1500)
  return size * (0.005 + 3 * work + 90 * bell(time, 12.25 * hour, 360) + 15 * bell(time, 20 * hour, 3000))
}

/** Bursts out of nothing, each of half a minute, about every ten minutes: what a timer somewhere else sets off. */
const bursts: Rate = second => {
  const no = Math.floor(second / 600)
  const begins = no * 600 + 20 + ((no * 7919) % 30)
  return second >= begins && second < begins + 30 ? 10 : 0
}

/** A load that nobody has seen before: up to 120 calls a second within an hour, and down again. */
const slowRamp: Rate = second => Math.max(0, 120 * (1 - Math.abs(second / hour - 1)))

/** The model was made with these before one's eyes. */
export const loadShapes: readonly Shape[] = [
  { name: 'a day of requests with a lunch peak', rate: () => dayWithLunch, countedFrom: day, until: 2 * day },
  { name: 'bursts of a timer', rate: () => bursts, countedFrom: 2 * hour, until: 8 * hour },
  { name: 'a slow ramp that nobody has seen before', rate: () => slowRamp, countedFrom: 0, until: 2 * hour }
]
