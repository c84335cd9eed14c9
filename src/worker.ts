import { enableCompileCache } from 'node:module'

// Before the rest of the program is loaded, so that its compiled code is kept too.
enableCompileCache()
const { runWorker } = await import('./cli/run-worker.ts')
await runWorker()
