/** Where a pipeline reads. All durations are milliseconds. */
export type SourcePlan =
  | {
      readonly kind: 'redisStream'
      readonly name: string
      readonly url: string
      readonly stream: string
      readonly group: string
    }
  /** `data`: octets of JSON; `undefined`: its events have none. */
  | {
      readonly kind: 'schedule'
      readonly name: string
      readonly cron: string
      readonly timezone: string
      readonly data: Uint8Array | undefined
    }
  | { readonly kind: 'http'; readonly name: string; readonly url: string; readonly everyMs: number }
