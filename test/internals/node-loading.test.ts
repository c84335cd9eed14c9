import { pathToFileURL } from 'node:url'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { startProcess } from '../helpers/process.ts'
import { createTempFolder } from '../helpers/temp-folder.ts'

const source = (file: string): string => pathToFileURL(join(import.meta.dirname, '../../src', file)).href

/** The lines that a module prints, in a process of its own. */
async function printedBy(file: string): Promise<readonly string[]> {
  await using child = await startProcess(process.execPath, [file])
  expect([await child.exit, child.output.stderr]).toEqual([{ code: 0, signal: null }, ''])
  return child.output.stdout.trimEnd().split('\n')
}

// `own-modules.ts` answers for the files beside the main one by itself.
it('a hook may resolve an import to a URL and a format, and Node strips the types of the file', async () => {
  await using folder = await createTempFolder()
  await folder.write('part.ts', 'export const value: number = 1; export const url: string = import.meta.url')
  const main = await folder.write(
    'main.ts',
    `import { loadOwnModules } from '${source('own-modules.ts')}'
    loadOwnModules(import.meta.url)
    const part = await import('./part.ts')
    console.log(part.value)
    console.log(part.url === new URL('./part.ts', import.meta.url).href)
    console.log(typeof (await import('node:fs')).readFileSync)`
  )
  expect(await printedBy(main)).toEqual(['1', 'true', 'function'])
})

// `delivery/undici-parts.ts` plants an empty module in its place.
it('a client of undici for HTTP/1.1 asks for the one for HTTP/2 by its file, and works without', async () => {
  await using folder = await createTempFolder()
  const main = await folder.write(
    'main.ts',
    `import { createServer } from 'node:net'
    import { once } from 'node:events'
    import { createRequire } from 'node:module'
    import { Client } from '${source('delivery/undici-parts.ts')}'
    const require = createRequire('${source('delivery/undici-parts.ts')}')
    const planted = require.cache[require.resolve('undici/lib/dispatcher/client-h2.js')]
    const client = require.cache[require.resolve('undici/lib/dispatcher/client.js')]
    console.log(Object.keys(planted.exports).length, client.require('./client-h2.js') === planted.exports)
    console.log(process.moduleLoadList.includes('NativeModule http2'))
    const server = createServer(socket => socket.end('HTTP/1.1 204 No Content\\r\\n\\r\\n')).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const calling = new Client('http://127.0.0.1:' + server.address().port, { allowH2: false })
    calling.dispatch({ path: '/', method: 'POST' }, {
      onRequestStart() {},
      onResponseStart(_controller, status) { console.log(status) },
      onResponseData() {},
      onResponseEnd() { void calling.close().then(() => server.close()) },
      onResponseError(_controller, error) { throw error }
    })`
  )
  expect(await printedBy(main)).toEqual(['0 true', 'false', '204'])
})

// `http/collect-garbage.ts` takes the warning away for as long as the call lasts.
it('a measurement of memory tells that it is experimental before it returns, and once for each process', async () => {
  await using folder = await createTempFolder()
  const main = await folder.write(
    'main.mjs',
    `import { measureMemory } from 'node:vm'
    const told = []
    process.emitWarning = (_message, kind) => void told.push(kind)
    for (let i = 0; i < 2; i++) {
      const measured = measureMemory({ execution: 'eager' })
      console.log(told.join())
      await measured
    }`
  )
  expect(await printedBy(main)).toEqual(['ExperimentalWarning', 'ExperimentalWarning'])
})
