let last: Promise<unknown> | undefined

/**
 * Evaluations on the event loop consist of many small turns. Those that begin in the same moment would take their turns
 * by rounds, and each the time of all; so each waits until the one before it has ended.
 */
export function oneAtATime<T>(run: () => Promise<T>): Promise<T> {
  const mine = last === undefined ? run() : last.then(run, run)
  last = mine
  const ended = (): void => {
    if (last === mine) last = undefined
  }
  mine.then(ended, ended)
  return mine
}
