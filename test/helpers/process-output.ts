import type { ChildProcess } from 'node:child_process'
import { EventEmitter, once } from 'node:events'

/** The output of a child process, and waiting for a line of it. */
export class ProcessOutput {
  stdout = ''
  stderr = ''
  #ended = false
  readonly #changes = new EventEmitter()

  constructor(child: ChildProcess) {
    this.#changes.setMaxListeners(0)
    child.stdout?.setEncoding('utf8').on('data', (text: string) => this.#change(() => (this.stdout += text)))
    child.stderr?.setEncoding('utf8').on('data', (text: string) => this.#change(() => (this.stderr += text)))
    child.on('close', () => this.#change(() => (this.#ended = true)))
  }

  /** The first whole line, of either output, that matches; fails when the process ends without it. */
  async waitForLine(pattern: RegExp, timeoutMs: number): Promise<RegExpExecArray> {
    const signal = AbortSignal.timeout(timeoutMs)
    for (;;) {
      const match = firstMatch(pattern, this.stdout) ?? firstMatch(pattern, this.stderr)
      if (match) return match
      if (this.#ended) throw new Error(`the process ended without a line like ${pattern}${this.#quote()}`)
      await once(this.#changes, 'change', { signal }).catch((cause: unknown) => {
        throw new Error(`no line like ${pattern} in ${timeoutMs} ms${this.#quote()}`, { cause })
      })
    }
  }

  #change(apply: () => void): void {
    apply()
    this.#changes.emit('change')
  }

  #quote(): string {
    return `\n--- stdout\n${this.stdout}\n--- stderr\n${this.stderr}`
  }
}

function firstMatch(pattern: RegExp, text: string): RegExpExecArray | undefined {
  for (const line of text.split('\n').slice(0, -1)) {
    const match = pattern.exec(line)
    if (match) return match
  }
  return undefined
}
