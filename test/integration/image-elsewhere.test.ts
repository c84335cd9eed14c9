import { describe, expect, it } from 'vitest'
import { readPipelines } from '../../src/pipeline/read-pipelines.ts'
import { startCli } from '../helpers/cli.ts'
import { definitionText } from '../helpers/definition-text.ts'
import { createTempFolder } from '../helpers/temp-folder.ts'

const command = [process.execPath, '-e', 'require("http").createServer((_, r) => r.end("{}")).listen(process.env.PORT)']

describe('an image, where nothing is deployed', () => {
  it('is ignored beside a command, with a warning', async () => {
    await using folder = await createTempFolder()
    const run = { command, image: 'model:1', port: 9000, resources: { limits: { cpu: 1 } } }
    const file = await folder.write('a.json', definitionText('test', [{ name: 'model', run }]))
    const args = ['run', file, '--port', '0', '--admin-port', '0', '--store', 'sqlite::memory:', '--log-format', 'json']
    await using gateway = await startCli(args)
    await gateway.waitForLine(/"step":"model","ignored":\["image","port","resources"\]/)
  })

  it('does not stand for a command', () => {
    const text = definitionText('test', [{ name: 'model', run: { image: 'model:1' } }])
    const { faults } = readPipelines([{ file: 'a.json', text }], {})
    expect(faults.map(({ path, message }) => `${path}: ${message}`)).toEqual([
      "spec.steps[0].run: needs a 'command': images run on Kubernetes"
    ])
    expect(readPipelines([{ file: 'a.json', text }]).faults).toEqual([])
  })

  it('cannot be an entry of traffic', () => {
    const traffic = [{ run: { image: 'model:2' }, tag: 'new', percent: 10 }]
    const text = definitionText('test', [{ name: 'model', run: { command, image: 'model:1' }, traffic }])
    const { faults } = readPipelines([{ file: 'a.json', text }], {})
    expect(faults.map(({ path, message }) => `${path}: ${message}`)).toEqual([
      'spec.steps[0].traffic[0].run: is deployed on Kubernetes, and this gateway runs elsewhere'
    ])
    expect(readPipelines([{ file: 'a.json', text }]).faults).toEqual([])
  })
})
