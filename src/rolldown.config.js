import { fileURLToPath } from 'node:url'

const file = path => fileURLToPath(new URL(path, import.meta.url))

const entries = ['main', 'worker', 'pipeline/expression/thread', 'ledger/sqlite/thread/main']

/** The published package: few files load several times faster than the hundreds of the checkout. */
export default {
  input: Object.fromEntries(entries.map(entry => [entry, file(`${entry}.ts`)])),
  platform: 'node',
  // Dependencies stay packages of their own, which can be renewed without a new version of Sluice.
  external: name => /^[^./]/.test(name),
  output: { dir: file('../dist'), cleanDir: true, entryFileNames: '[name].js', chunkFileNames: '[name]-[hash].js' }
}
