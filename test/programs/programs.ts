/** The files that run as processes or threads of their own, in tests or in the gateways that tests start. */
export const programs = [
  'src/main.ts',
  'src/worker.ts',
  'src/ledger/sqlite/thread/main.ts',
  'src/pipeline/expression/thread.ts',
  'test/helpers/gateway-process.ts',
  'test/faults/kills/crashing-gateway.ts',
  'test/ledger/sqlite/accept-for-ever.ts',
  'test/replay/replay-until-killed.ts'
] as const

/** A path from the root of the project. */
export type Program = (typeof programs)[number]
