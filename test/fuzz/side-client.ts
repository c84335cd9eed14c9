import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { waitFor } from '../helpers/wait-for.ts'

export interface SideFigures {
  readonly calls: number
  readonly failed: number
  readonly p50: number
  readonly p99: number
  readonly longest: number
}

/** An honest caller with a step of its own, in a process of its own, so that what the fuzz costs does not delay it. */
export interface SideClient extends AsyncDisposable {
  readonly stepUrl: string
  /** Calls the pipeline again and again from now on. */
  begin(url: string): void
  /** How its calls went since it began. */
  end(): Promise<SideFigures>
}

const script = fileURLToPath(new URL('side-client-process.ts', import.meta.url))

export async function startSideClient(): Promise<SideClient> {
  const child = fork(script, { stdio: 'inherit' })
  const state: { figures: SideFigures | undefined } = { figures: undefined }
  const [{ stepUrl }] = (await once(child, 'message')) as [{ stepUrl: string }]
  child.on('message', message => (state.figures = message as SideFigures))
  return {
    stepUrl,
    begin: url => void child.send({ begin: url }),
    async end() {
      child.send({ end: true })
      return waitFor(() => state.figures, { what: 'the figures of the side client' })
    },
    async [Symbol.asyncDispose]() {
      const exit = once(child, 'exit')
      child.kill()
      await exit
    }
  }
}
