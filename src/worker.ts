import { loadOwnModules } from './own-modules.ts'

loadOwnModules(import.meta.url)
const { runWorker } = await import('./cli/run-worker.ts')
await runWorker()
