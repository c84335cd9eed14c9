import type { Rate } from './scaling-simulation.ts'

const hour = 3600
const day = 24 * hour

const bell = (second: number, at: number, width: number): number => Math.exp(-0.5 * ((second - at) / width) ** 2)

/**
 * A day of requests: next to nothing at night, a plateau over the working hours, a sharp peak at lunch and a broad one in
 * the evening, as services show that people call; each day is a little different.
 */
export const dayWithLunch: Rate = second => {
  const time = second % day
  const size = [1, 0.9, 1.1, 0.95, 1.05][Math.floor(second / day) % 5] ?? 1
  const work = 4 / (1 + Math.exp(-(time - 8 * hour) / 1500)) / (1 + Math.exp((time - 18 * hour) / 1500))
  return size * (0.005 + 3 * work + 90 * bell(time, 12.25 * hour, 360) + 15 * bell(time, 20 * hour, 3000))
}

/** Bursts out of nothing, each of half a minute, about every ten minutes: what a timer somewhere else sets off. */
export const bursts: Rate = second => {
  const no = Math.floor(second / 600)
  const begins = no * 600 + 20 + ((no * 7919) % 30)
  return second >= begins && second < begins + 30 ? 10 : 0
}

/** A load that nobody has seen before: up to 20 calls a second over two hours, and down again. */
export const slowRamp: Rate = second => Math.max(0, 120 * (1 - Math.abs(second / hour - 1)))

export const seconds = { day, hour }
