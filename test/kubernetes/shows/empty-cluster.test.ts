import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, inject, it } from 'vitest'
import { freePort } from '../../helpers/loopback.ts'
import { waitFor } from '../../helpers/wait-for.ts'
import { waitForKinds } from '../testbed/cluster.ts'
import { startControlPlane } from '../testbed/control-plane.ts'
import { createPersonShell, type PersonShell } from '../testbed/person-shell.ts'
import { waitForPhase } from '../testbed/pipelines.ts'
import { readReadmeBlocks } from '../testbed/readme-section.ts'

/*
 * README's commands, word for word but for ports, which must be free ones here, and the store, which stays in memory.
 * Gateway and controller are processes beside the cluster there too: this one has no network that `helm install` needs.
 */

const blocks = readReadmeBlocks('Kubernetes, with resources.')
const textOf = (language: string): string => blocks.find(block => block.language === language)?.text ?? ''
const [prepare = [], start = [], use = []] = blocks
  .filter(({ language }) => language === 'sh')
  .map(({ text }) => text.trimEnd().split('\n'))

async function choosePorts(): Promise<(text: string) => string> {
  const ports = { '8080': await freePort(), '9090': await freePort(), '9001': await freePort() }
  return text =>
    Object.entries(ports)
      .reduce((changed, [port, free]) => changed.replaceAll(port, String(free)), text)
      .replace('sluice run', `sluice run --port ${ports['8080']} --admin-port ${ports['9090']} --store sqlite::memory:`)
      .replace('sluice controller', 'sluice controller --admin-port 0')
}

async function runAll(shell: PersonShell, lines: readonly string[]): Promise<readonly string[]> {
  const said: string[] = []
  for (const line of lines) {
    const { code, stdout, stderr } = await shell.run(line)
    expect(code, `${line}\n${stderr}`).toBe(0)
    said.push(stdout)
  }
  return said
}

const sameColumns = (table: string): string[][] =>
  table
    .trimEnd()
    .split('\n')
    .map(row => row.split(/ +/).slice(0, 7))

it('goes from an empty cluster to an answer by the commands of README', async () => {
  await using plane = await startControlPlane(inject('programs').kube)
  const { folder, kubeconfig } = plane
  await using opened = new AsyncDisposableStack()
  const shell = await createPersonShell(folder, kubeconfig)
  const withPorts = await choosePorts()

  expect(await runAll(shell, prepare)).toEqual([
    expect.stringMatching(/servingpipelines\.sluice\.dev created/),
    'namespace/models created\n'
  ])
  await waitForKinds(['servingpipelines.sluice.dev'], { kubeconfig })

  expect(start.every(line => line.endsWith(' &'))).toBe(true)
  const started = await Promise.all(
    start.map(async line => opened.use(await shell.start(withPorts(line.slice(0, -2)))))
  )
  const [, gateway, controller] = started
  await gateway?.waitForLine(/^sluice ready on /)
  await controller?.waitForLine(/^sluice controller ready/)
  const model = withPorts('http://127.0.0.1:9001/healthz')
  await waitFor(async () => (await fetch(model)).ok, { what: 'the model to listen' })

  await writeFile(join(folder, 'mood.yaml'), withPorts(textOf('yaml')))
  const answers = await runAll(
    shell,
    use.map(line => withPorts(line).replace('mood.yaml', join(folder, 'mood.yaml')))
  )
  const [header = '', row = '', answer] = textOf('').trimEnd().split('\n')
  expect(sameColumns(answers[2] ?? '')).toEqual(sameColumns(`${header}\n${row}`))
  expect(answers[3]).toBe(answer)
  const { url } = await waitForPhase('models', 'mood', 'Running', { kubeconfig })
  expect(url).toBe(withPorts('http://127.0.0.1:8080/models/mood'))

  await applyWrongOnes(shell, folder, kubeconfig)
})

/** The message of `sluice validate` about README's pipeline with one thing changed, and what `kubectl apply` says to it. */
async function applyWrong(shell: PersonShell, file: string, from: string, to: string) {
  expect(textOf('yaml')).toContain(from)
  await writeFile(file, textOf('yaml').replace('name: mood', 'name: wrong').replace(from, to))
  const { stdout } = await shell.run(`sluice validate -o json ${file}`)
  const { faults } = JSON.parse(stdout) as { faults: { path: string; message: string }[] }
  expect(faults).toHaveLength(1)
  return { fault: faults[0]!, applied: await shell.run(`kubectl apply -f ${file}`) }
}

async function applyWrongOnes(shell: PersonShell, folder: string, kubeconfig: string): Promise<void> {
  const file = join(folder, 'wrong.yaml')
  const refused = await applyWrong(shell, file, '{ name: short, ', "{ name: short, uri: 'http://a', ")
  expect(refused.applied.code).toBe(1)
  expect(refused.applied.stderr).toContain(refused.fault.path)
  expect(refused.applied.stderr).toContain(refused.fault.message)

  const taken = await applyWrong(shell, file, 'data.sentiment}', 'data.sentiment')
  expect([taken.applied.code, taken.applied.stderr]).toEqual([0, ''])
  const { conditions } = await waitForPhase('models', 'wrong', 'Failed', { kubeconfig })
  expect(conditions).toContainEqual(
    expect.objectContaining({ type: 'Valid', message: `${taken.fault.path}: ${taken.fault.message}` })
  )
  const described = await shell.run('kubectl describe -n models sp wrong')
  expect(described.stdout).toContain(`${taken.fault.path}: ${taken.fault.message}`)
}
