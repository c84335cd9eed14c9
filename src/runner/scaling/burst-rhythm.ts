/** A load is over when nothing came for so long, in milliseconds. */
const quietMs = 15_000
/** So many of the last loads are looked at, and so many are needed. */
const kept = 24
const needed = 4
/** Gaps that differ by more than this part of their middle have no rhythm. */
const spread = 0.25
/** Gaps that are longer on the whole are not worth a process that waits through them, in milliseconds. */
const longestMs = 15 * 60_000

/** A load that was over again. */
export interface Burst {
  /** From the end of the one before it, in milliseconds. */
  readonly gap: number
  readonly length: number
  readonly height: number
}

/**
 * Loads that come and go. Where the gaps between them are all of about the same length, as those of a timer are, the next
 * load is awaited when its time has come; where they are not, for as long as most of them were.
 */
export class BurstRhythm {
  readonly #bursts: Burst[] = []
  #gap: number | undefined
  #began = 0
  #lastCall: number | undefined
  #height = 0

  note(calls: number, at: number): void {
    if (calls === 0) return
    if (this.#lastCall !== undefined && at - this.#lastCall > quietMs) this.#begin(at, this.#lastCall)
    this.#lastCall = at
    this.#height = Math.max(this.#height, calls)
  }

  /** The height of a usual load, when one may come within `leadMs` or has just come; else 0. */
  forecast(now: number, leadMs: number): number {
    if (this.#lastCall === undefined || this.#bursts.length < needed) return 0
    const gapsTo = (part: number): number =>
      partOf(
        this.#bursts.map(({ gap }) => gap),
        part
      )
    const [earliest, middle, latest] = [gapsTo(0.05), gapsTo(0.5), gapsTo(0.9)]
    const quiet = now - this.#lastCall
    if (latest - earliest > spread * middle) return latest <= longestMs && quiet <= latest ? 1 : 0
    const height = partOf(
      this.#bursts.map(each => each.height),
      0.7
    )
    if (quiet <= quietMs) {
      return now - this.#began <=
        partOf(
          this.#bursts.map(({ length }) => length),
          0.5
        )
        ? height
        : 0
    }
    const slack = (latest - earliest) / 4
    return quiet >= earliest - slack - leadMs && quiet <= latest + slack ? height : 0
  }

  get learned(): readonly Burst[] {
    return this.#bursts
  }

  /** Takes the loads of before, which came before those that were seen since. */
  recall(bursts: readonly Burst[]): void {
    this.#bursts.unshift(...bursts)
    this.#bursts.splice(0, Math.max(0, this.#bursts.length - kept))
  }

  #begin(at: number, ended: number): void {
    if (this.#gap !== undefined) {
      this.#bursts.push({ gap: this.#gap, length: ended - this.#began, height: this.#height })
      if (this.#bursts.length > kept) this.#bursts.shift()
    }
    this.#gap = at - ended
    this.#began = at
    this.#height = 0
  }
}

/** The value below which so large a part of all lies. */
const partOf = (values: readonly number[], part: number): number =>
  values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * part))] ?? 0
