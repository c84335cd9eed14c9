import { Command, CommanderError } from 'commander'
import { breakersCommand } from './commands/breakers-command.ts'
import { applyCommand } from './commands/apply-command.ts'
import { completionCommand } from './commands/completion-command.ts'
import { controllerCommand } from './commands/controller-command.ts'
import { convertCommand } from './commands/convert-command.ts'
import { crdCommand } from './commands/crd-command.ts'
import { deadLettersCommand } from './commands/dead-letters-command.ts'
import { doctorCommand } from './commands/doctor-command.ts'
import { exitCodes } from './exit-codes.ts'
import { fail } from './fail.ts'
import { failureText } from './print/failure-text.ts'
import { getCommand } from './commands/get-command.ts'
import { deleteCommand, pauseCommand, resumeCommand } from './commands/lifecycle-commands.ts'
import { rolloutCommand } from './commands/rollout-command.ts'
import { topCommand } from './commands/top-command.ts'
import { initCommand } from './commands/init-command.ts'
import { requestsCommand } from './commands/requests-command.ts'
import { runCommand } from './commands/run-command.ts'
import { showCertificate } from './show-certificate.ts'
import { schemaCommand } from './commands/schema-command.ts'
import { sendCommand } from './commands/send-command.ts'
import { version } from '../telemetry/version.ts'
import { validateCommand } from './commands/validate-command.ts'

const examples = `
Examples:
  sluice init && sluice run                     an example to start from, served
  sluice run pipeline.yaml                      serve a pipeline
  sluice send comments -d '{"text":"Hello"}'    call it
  sluice send comments -d @comment.json --async  accept it now, run it in the background
  sluice requests list                          what became of accepted requests
  sluice deadletters replay --all               run again what failed
  sluice get                                    pipelines, and how they do
  sluice pause comments                         callers are turned away, accepted requests held
  sluice doctor                                 what the store really guarantees
  sluice validate pipelines/                    check definitions

Exit codes: 0 done, 1 failed, 2 wrong usage, 3 (convert) something was not carried over.`

/** Runs `sluice` with these arguments, and sets the exit code of the process. */
export async function runProgram(args: readonly string[]): Promise<void> {
  process.stdout.on('error', tellUnwritten)
  // Where not even that can be written, nothing can be said.
  process.stderr.on('error', () => {})
  try {
    await createProgram().parseAsync(args, { from: 'user' })
  } catch (error) {
    // commander has said what is wrong already; after --help and --version nothing is.
    if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? exitCodes.done : exitCodes.usage
    else fail(failureText(error))
  }
}

/** A reader of our output, such as `head`, may have enough of it before the end; a disk that is full is a failure. */
function tellUnwritten({ code, message }: NodeJS.ErrnoException): void {
  if (code !== 'EPIPE') fail(`standard output cannot be written: ${message}`)
}

/** `sluice` with all its commands, not run yet. */
export function createProgram(): Command {
  const program = new Command('sluice')
    .description('A serverless serving gateway: chain model endpoints, POST to the chain, get the answer.')
    .version(version)
    .addHelpText('after', examples)
    .exitOverride()
    .hook('preAction', async (_program, command) => showCertificate(command))
    .showHelpAfterError('(add --help for what is possible)')
  for (const command of commands()) program.addCommand(inherit(command, program))
  return program
}

const commands = (): readonly Command[] => [
  runCommand(),
  validateCommand(),
  convertCommand(),
  schemaCommand(),
  crdCommand(),
  controllerCommand(),
  sendCommand(),
  requestsCommand(),
  deadLettersCommand(),
  getCommand(),
  applyCommand(),
  pauseCommand(),
  resumeCommand(),
  deleteCommand(),
  rolloutCommand(),
  topCommand(),
  breakersCommand(),
  doctorCommand(),
  initCommand(),
  completionCommand()
]

/** Commands of commands too exit as the program does. */
function inherit(command: Command, from: Command): Command {
  for (const nested of command.commands) inherit(nested, from)
  return command.copyInheritedSettings(from)
}
