import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import * as z from 'zod'
import { NoCluster, type Credentials } from './cluster-access.ts'

/** A program that gives credentials, as a kubeconfig names it. */
export const execSpec = z.object({
  apiVersion: z.string(),
  command: z.string().min(1),
  args: z.array(z.string()).nullish(),
  env: z.array(z.object({ name: z.string(), value: z.string() })).nullish(),
  installHint: z.string().optional()
})

const credentialSpec = z.object({
  status: z.object({
    token: z.string().optional(),
    clientCertificateData: z.string().optional(),
    clientKeyData: z.string().optional(),
    expirationTimestamp: z.string().optional()
  })
})

interface Place {
  /** Where the program runs. */
  readonly folder: string
  readonly inherited: NodeJS.ProcessEnv
}

const timeoutMs = 30_000
/** Credentials are asked for anew so long before they expire. */
const earlyMs = 60_000

/** Credentials by a program, which is asked once for as long as they hold. It inherits an environment. */
export function createExecCredentials(
  spec: z.infer<typeof execSpec>,
  place: Place
): (signal: AbortSignal) => Promise<Credentials> {
  let known: Promise<Credentials> | undefined
  let until = Infinity
  return signal => {
    if (known !== undefined && Date.now() < until - earlyMs) return known
    const asked = ask(spec, place, signal).then(({ credentials, expiresAt }) => {
      until = expiresAt
      return credentials
    })
    asked.catch(() => (known = undefined))
    until = Infinity
    return (known = asked)
  }
}

async function ask(
  { apiVersion, command, args, env, installHint }: z.infer<typeof execSpec>,
  { folder, inherited }: Place,
  signal: AbortSignal
) {
  const info = JSON.stringify({ apiVersion, kind: 'ExecCredential', spec: { interactive: false } })
  const own = Object.fromEntries((env ?? []).map(({ name, value }) => [name, value]))
  try {
    signal.throwIfAborted()
    const running = promisify(execFile)(command, args ?? [], {
      env: { ...inherited, ...own, KUBERNETES_EXEC_INFO: info },
      cwd: folder,
      timeout: timeoutMs,
      // One that hangs may not listen to anything else.
      killSignal: 'SIGKILL',
      maxBuffer: 2 ** 20
    })
    // By itself the signal would only ask it to end.
    const end = (): boolean => running.child.kill('SIGKILL')
    signal.addEventListener('abort', end, { once: true })
    const { stdout } = await running.finally(() => signal.removeEventListener('abort', end))
    const { status } = credentialSpec.parse(JSON.parse(stdout))
    const expiresAt = Date.parse(status.expirationTimestamp ?? '')
    const { token, clientCertificateData: cert, clientKeyData: key } = status
    return { credentials: { token, cert, key }, expiresAt: Number.isNaN(expiresAt) ? Infinity : expiresAt }
  } catch (thrown) {
    const reason =
      thrown instanceof SyntaxError || thrown instanceof z.ZodError ? 'it gave no ExecCredential' : codeOf(thrown)
    throw new NoCluster(
      `${command} gave no credentials: ${reason}${installHint === undefined ? '' : `; ${installHint}`}`
    )
  }
}

/** Never its output, which may have a secret. */
const codeOf = (thrown: unknown): string =>
  thrown instanceof Error && 'code' in thrown ? `it ended with ${String(thrown.code)}` : 'it was ended'
