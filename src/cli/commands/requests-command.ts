import { Command, Option } from 'commander'
import { onAdmin, onBothPlanes } from '../options/gateway-access.ts'
import { requestStatuses } from '../../ledger/record/request-record.ts'
import { limitOption } from '../options/limit-option.ts'
import { outputOption } from '../options/output-option.ts'
import { pipelineOption } from '../options/pipeline-option.ts'
import { readPipelineName } from '../options/read-pipeline-name.ts'
import { failureText } from '../print/failure-text.ts'
import type { RequestName } from './find-request.ts'
import type { ListRequestsOptions, RequestOptions } from './requests.ts'

const examples = `
Examples:
  sluice requests list --status failed
  sluice requests list --pipeline shop/comments --limit 20 -o json
  sluice requests get 019a9d3c-7a1e-7c3f-9b7e-2f0c4f8e6a51
  sluice requests watch 019a9d3c-7a1e-7c3f-9b7e-2f0c4f8e6a51      until it is finished
  sluice requests reply 019a9d3c-7a1e-7c3f-9b7e-2f0c4f8e6a51 > reply.json
  sluice requests cancel shop/comments 019a9d3c-7a1e-7c3f-9b7e-2f0c4f8e6a51

An id is enough; with its pipeline before it, the admin plane is not asked for that.`

/** `sluice requests`: what was accepted, and what becomes of it. */
export const requestsCommand = (): Command =>
  new Command('requests')
    .description('list, follow and cancel stored requests, and get their replies')
    .addCommand(listCommand())
    .addCommand(ofRequest('get', 'print the status of a request'))
    .addCommand(ofRequest('watch', 'print each change of a request until it is finished; exit code 1 if it failed'))
    .addCommand(ofRequest('reply', 'print the reply of a request, to the byte; exit code 1 if there is none yet'))
    .addCommand(ofRequest('cancel', 'cancel a request'))
    .addHelpText('after', examples)

const listCommand = (): Command =>
  onAdmin(
    new Command('list')
      .description('list stored requests, newest first')
      .addOption(pipelineOption())
      .addOption(new Option('--status <status>', 'only those with this status').choices(requestStatuses))
      .option('--after <id>', 'go on after this one')
      .addOption(limitOption())
  )
    .addOption(outputOption())
    .action(async (options: ListRequestsOptions) => {
      const { listRequests } = await import('./requests.ts')
      await listRequests(options)
    })

const ofRequest = (verb: 'get' | 'watch' | 'reply' | 'cancel', description: string): Command =>
  onBothPlanes(
    new Command(verb)
      .description(description)
      .usage('[options] [pipeline] <id>')
      .argument('<id...>', 'id of the request; its pipeline may stand before it')
  )
    .addOption(outputOption())
    .action(async (words: readonly string[], options: RequestOptions, command: Command) => {
      const { cancelRequest, getRequest, replyOf, watchRequest } = await import('./requests.ts')
      const act = { get: getRequest, watch: watchRequest, reply: replyOf, cancel: cancelRequest }[verb]
      await act(readRequestName(words, command), options)
    })

/** `[PIPELINE] ID` */
function readRequestName(words: readonly string[], command: Command): RequestName {
  const [first = '', id, ...more] = words
  if (more.length > 0) command.error('error: name one request: [PIPELINE] ID', { exitCode: 2 })
  if (id === undefined) return { pipeline: undefined, id: first }
  try {
    return { pipeline: readPipelineName(first), id }
  } catch (error) {
    return command.error(`error: '${first}' is not a pipeline. ${failureText(error)}`, { exitCode: 2 })
  }
}
