import { benchConditions } from './conditions.ts'
import { benchEnsemble } from './ensemble.ts'
import { benchManyPipelines } from './many-pipelines.ts'
import { runBench } from './run-bench.ts'
import { benchStartUp } from './start-up.ts'
import { benchThroughput } from './throughput.ts'

/* npm run bench -- [--quick] [--only throughput|ensemble|conditions|start|pipelines]: the gateway whose callers wait. */

await runBench({
  throughput: benchThroughput,
  ensemble: benchEnsemble,
  conditions: benchConditions,
  start: benchStartUp,
  pipelines: benchManyPipelines
})
