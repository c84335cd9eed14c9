import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { makePeerDefinitions } from './testbed/peer-definitions.ts'
import { findPrograms, makePrograms } from './testbed/programs.ts'

/*
 * npm run test:kubernetes [-- FILES…]: against a real control plane, which is built where it is missing.
 * With --short only what takes seconds, and nothing where the control plane is not here.
 */

const args = process.argv.slice(2)
const isShort = args.includes('--short')

if (isShort && findPrograms() === undefined) {
  console.log('Kubernetes tests not run, since there is no control plane on this machine yet: npm run test:kubernetes')
} else {
  if (!isShort) {
    await makePrograms()
    makePeerDefinitions()
  }
  const files = args.filter(arg => arg !== '--short')
  const child = spawn('vitest', ['run', '--config', 'test/kubernetes/vitest.config.ts', ...files], {
    stdio: 'inherit',
    env: { ...process.env, ...(isShort && { SLUICE_TEST_SHORT: '1' }) }
  })
  // It ends what it has started.
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => child.kill(signal))
  const [code] = await once(child, 'close')
  process.exitCode = typeof code === 'number' ? code : 1
}
