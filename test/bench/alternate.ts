import type { BenchContext } from './bench-context.ts'
import type { LoadResult } from './load.ts'

/** Loads floor and gateway in turn, so that what the machine does meanwhile meets both. */
export async function alternate(
  { quick, progress }: BenchContext,
  title: string,
  [floor, gateway]: readonly [string, string],
  run: (url: string, seconds: number) => Promise<LoadResult>
): Promise<readonly [readonly LoadResult[], readonly LoadResult[]]> {
  const rounds = quick ? 3 : 5
  const left: LoadResult[] = []
  const right: LoadResult[] = []
  for (let round = 1; round <= rounds; round++) {
    left.push(await run(floor, quick ? 1 : 4))
    right.push(await run(gateway, quick ? 1 : 4))
    const [f, g] = [left, right].map(results => Math.round(results.at(-1)?.requestsPerSecond ?? 0))
    progress(`${title}, round ${round} of ${rounds}: floor ${f} req/s, gateway ${g} req/s`)
  }
  return [left, right]
}
