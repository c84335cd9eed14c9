/** Milliseconds of processor time that one check of data may take. */
export const checkMs = 50

/** Schemas that are looked at between two looks at the clock. */
const stride = 512

/** Octets times instructions of one match: beyond it the engine could take as long as the whole check may. */
const matchWork = 2 ** 20

/** Faults that are told of one piece of data. */
export const maxFaults = 100

/** The check has taken as long as it may. */
export class TooCostly extends Error {
  override readonly name = 'TooCostly'
}

/** So many faults were found that the rest is not looked for. */
export class EnoughFaults extends Error {
  override readonly name = 'EnoughFaults'
  readonly found: readonly object[]

  constructor(found: readonly object[]) {
    super('enough faults')
    this.found = found
  }
}

/** The rest of the time of the check under way: checks run one at a time, from their start to their end. */
export const allowance = {
  left: 0,
  startedAt: 0,

  /** A check begins. */
  grant(): void {
    this.left = stride
    this.startedAt = 0
  },

  /** Throws TooCostly when the time is over. */
  look(): void {
    this.left = stride
    // Most checks end before the first look, and need not know when they began.
    if (this.startedAt === 0) this.startedAt = processorMs()
    else if (processorMs() - this.startedAt > checkMs) throw new TooCostly(`it takes longer than ${checkMs} ms`)
  },

  /** A text is about to be matched. Throws TooCostly when that alone would take too long, or the time is over. */
  match(characters: number, instructions: number): void {
    const work = characters * instructions
    if (work > matchWork) throw new TooCostly('a text is too long for the pattern that it should match')
    if (work > stride) this.look()
  },

  /** Throws EnoughFaults. */
  enough(found: readonly object[] | null): never {
    throw new EnoughFaults(found ?? [])
  }
}

/** Of this thread: a machine that is busy with something else takes nothing from a check. */
function processorMs(): number {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1000
}
