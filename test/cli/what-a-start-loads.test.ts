import { describe, expect, it } from 'vitest'
import { createTempFolder } from '../helpers/temp-folder.ts'
import { startProcess } from '../helpers/process.ts'

const definition = `apiVersion: sluice.dev/v1alpha1
kind: ServingPipeline
metadata: {name: echo}
spec: {steps: [{name: say, uri: http://127.0.0.1:9}]}
`

/** Tells the parts of Node that were loaded, and the packages, once the process ends. */
const tellLoaded = `import { registerHooks } from 'node:module'
const packages = new Set()
registerHooks({ load: (url, context, next) => {
  packages.add(/.src.(mover.mover|replay.replays|kubernetes|workers.workers)/.exec(url)?.[1] ?? /.*node_modules\\/((?:@[^/]+\\/)?[^/]+)/.exec(url)?.[1])
  return next(url, context)
} })
process.on('exit', () => process.stderr.write('LOADED ' + [...process.moduleLoadList, ...packages].join(' ') + '\\n'))
`

describe('a start of the gateway', () => {
  it("loads neither Node's own fetch, TLS and HTTP/2, nor the packages that this pipeline does not need", async () => {
    await using folder = await createTempFolder()
    const pipeline = await folder.write('p.yaml', definition)
    const hooks = await folder.write('hooks.mjs', tellLoaded)
    const args = ['src/main.ts', 'run', pipeline, '--port', '0', '--admin-port', '0']
    await using gateway = await startProcess(process.execPath, [`--import=${hooks}`, ...args])
    await gateway.waitForLine(/^sluice ready on /)
    gateway.kill('SIGTERM')
    await gateway.exit
    const [, loaded = ''] = /^LOADED (.*)$/m.exec(gateway.output.stderr) ?? []
    const names = new Set(loaded.split(' '))
    expect(names).toContain('zod')
    const unneeded = ['internal/deps/undici/undici', 'tls', 'http2', 'sqlite', 'zlib']
    const packages = ['ioredis', 'jose', 'ajv', 'croner', '@opentelemetry/sdk-node', '@opentelemetry/api']
    const rooms = ['mover/mover', 'replay/replays', 'kubernetes', 'workers/workers']
    expect([...unneeded, ...packages, ...rooms].filter(name => names.has(name))).toEqual([])
  })
})
