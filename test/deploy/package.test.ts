import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { startProcess } from '../helpers/process.ts'

const manifest = JSON.parse(readFileSync('package.json', 'utf8'))

describe('the published package', () => {
  it('has its examples, the Python one too, and nothing of the checkout', () => {
    const packed = execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], { encoding: 'utf8' })
    const [{ files }] = JSON.parse(packed)
    const paths = files.map(({ path }: { path: string }) => path)
    expect(paths).toEqual(expect.arrayContaining(['package.json', 'examples/node/pipeline.yaml']))
    expect(paths).toContain('examples/python/steps/sentiment.py')
    expect(paths.filter((path: string) => /^(src|test)\/|\.db|__pycache__/.test(path))).toEqual([])
  })

  it('does not bring a Node of its own', () => {
    expect(manifest.dependencies.node).toBeUndefined()
    expect(manifest.devDependencies.node).toBe('26.10.0')
  })

  it.each(['20.20.2', '24.11.1', '8.17.0'])('says in one sentence that Node %s is too old', async version => {
    const pretend = `Object.defineProperty(process.versions, 'node', { value: '${version}' })`
    const args = ['--import', `data:text/javascript,${encodeURIComponent(pretend)}`, 'src/sluice.js', 'run']
    await using child = await startProcess(process.execPath, args)
    expect((await child.exit).code).toBe(1)
    expect(child.output.stderr).toBe(
      `sluice needs Node.js 24.12 or later, and this is ${version}: see https://nodejs.org/download\n`
    )
  })
})
