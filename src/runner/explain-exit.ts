import { access, constants } from 'node:fs/promises'
import { constants as os } from 'node:os'
import { delimiter, resolve } from 'node:path'

/** How a command was started, as far as it explains the end. */
export interface StartedCommand {
  readonly command: readonly string[]
  readonly cwd: string
  readonly path: string
}

const maxLine = 300

/** Why a process ended, to follow "its process": by the exit code, and by the end of its standard error. */
export async function explainExit(
  started: StartedCommand,
  code: number | undefined,
  stderr: readonly string[]
): Promise<string> {
  if (code === undefined) return 'was killed together with its guard'
  const fault = code === 126 || code === 127 ? await programFault(started) : undefined
  if (fault !== undefined) return `could not be started: ${fault}`
  const signal = Object.entries(os.signals).find(([, number]) => number === code - 128)?.[0]
  if (signal !== undefined) return `was ended by ${signal}`
  const line = tellingLine(stderr)
  return `ended with exit code ${code}${line === undefined ? '' : `: ${line}`}`
}

/** The shell finds programs as `exec` does: a name with a slash is a path, any other is looked for along PATH. */
async function programFault({ command: [program = ''], cwd, path }: StartedCommand): Promise<string | undefined> {
  const named = program.includes('/')
  const files = named ? [resolve(cwd, program)] : path.split(delimiter).map(folder => resolve(cwd, folder, program))
  if (await anyAccess(files, constants.X_OK)) return undefined
  if (await anyAccess(files, constants.F_OK)) return `'${program}' is not executable`
  return `'${program}' was not found ${named ? `in ${cwd}` : 'in the folders of PATH'}`
}

async function anyAccess(files: readonly string[], mode: number): Promise<boolean> {
  const found = await Promise.allSettled(files.map(file => access(file, mode)))
  return found.some(({ status }) => status === 'fulfilled')
}

/** `Error: …`, `TypeError [CODE]: …`, `json.decoder.JSONDecodeError: …` at the start of a line. */
const errorLine = /^(Uncaught )?[\w.$]*(Error|Exception)( \[\w+\])?:/

/** Lines after the error, a stack say, are of less use than the line that names it. */
function tellingLine(lines: readonly string[]): string | undefined {
  const line = lines.findLast(line => errorLine.test(line)) ?? lines.findLast(line => line.trim() !== '')
  return line?.trim().slice(0, maxLine)
}
