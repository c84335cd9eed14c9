import { benchManyPipelines } from './many-pipelines.ts'
import { runBench } from './run-bench.ts'
import { benchStartUp } from './start-up.ts'
import { benchThroughput } from './throughput.ts'

/* npm run bench -- [--quick] [--only throughput|start|pipelines]: the gateway whose callers wait. */

await runBench({
  throughput: benchThroughput,
  start: benchStartUp,
  pipelines: benchManyPipelines
})
