import { Agent } from 'undici'
import type { ClusterAccess } from './access/cluster-access.ts'

/** Watches have connections of their own beside these. */
const connections = 32

/** The connections: new ones when the CA or the caller's certificate is another than before. */
export class Agents implements AsyncDisposable {
  readonly #access: ClusterAccess
  readonly #ending = new AbortController()
  #seen: string | undefined
  #calls: Agent | undefined
  #streams: Agent | undefined

  constructor(access: ClusterAccess) {
    this.#access = access
  }

  async current(streams: boolean): Promise<{ readonly dispatcher: Agent; readonly token: string | undefined }> {
    const { token, cert, key } = await this.#access.credentials(this.#ending.signal)
    const ca = this.#access.ca()
    const seen = JSON.stringify([ca, cert, key])
    if (seen !== this.#seen || this.#calls === undefined || this.#streams === undefined) {
      const { serverName: servername, insecure } = this.#access
      const connect = {
        timeout: 10_000,
        rejectUnauthorized: !insecure,
        ...(servername !== undefined && { servername }),
        ...(ca !== undefined && { ca }),
        ...(cert !== undefined && { cert }),
        ...(key !== undefined && { key })
      }
      // Calls that are under way end on the old connections; watches do so by themselves.
      void this.#calls?.close()
      void this.#streams?.close()
      this.#seen = seen
      this.#calls = new Agent({ connect, connections, allowH2: false })
      this.#streams = new Agent({ connect, pipelining: 0, allowH2: false })
    }
    return { dispatcher: streams ? this.#streams : this.#calls, token }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ending.abort()
    await Promise.all([this.#calls?.destroy(), this.#streams?.destroy()])
  }
}
