import { Command, Option } from 'commander'
import { requestStatuses } from '../../ledger/record/request-record.ts'
import { adminOption, adminTokenOption } from '../options/admin-option.ts'
import { gatewayOption, tokenOption } from '../options/gateway-option.ts'
import { limitOption } from '../options/limit-option.ts'
import { outputOption } from '../options/output-option.ts'
import { pipelineOption } from '../options/pipeline-option.ts'
import { readPipelineName, type PipelineName } from '../options/read-pipeline-name.ts'
import type { ListRequestsOptions, RequestOptions } from './requests.ts'

const examples = `
Examples:
  sluice requests list --status failed
  sluice requests list --pipeline shop/comments --limit 20 -o json
  sluice requests get comments 019a9d3c-7a1e-7c3f-9b7e-2f0c4f8e6a51
  sluice requests watch comments 019a9d3c-7a1e-7c3f-9b7e-2f0c4f8e6a51     until it is finished
  sluice requests cancel comments 019a9d3c-7a1e-7c3f-9b7e-2f0c4f8e6a51`

/** `sluice requests`: what was accepted, and what becomes of it. */
export const requestsCommand = (): Command =>
  new Command('requests')
    .description('list, follow and cancel stored requests')
    .addCommand(listCommand())
    .addCommand(ofRequest('get', 'print the status of a request'))
    .addCommand(ofRequest('watch', 'print each change of a request until it is finished; exit code 1 if it failed'))
    .addCommand(ofRequest('cancel', 'cancel a request'))
    .addHelpText('after', examples)

const listCommand = (): Command =>
  new Command('list')
    .description('list stored requests, newest first')
    .addOption(pipelineOption())
    .addOption(new Option('--status <status>', 'only those with this status').choices(requestStatuses))
    .option('--after <id>', 'go on after this one')
    .addOption(limitOption())
    .addOption(adminOption())
    .addOption(adminTokenOption())
    .addOption(outputOption())
    .action(async (options: ListRequestsOptions) => {
      const { listRequests } = await import('./requests.ts')
      await listRequests(options)
    })

const ofRequest = (verb: 'get' | 'watch' | 'cancel', description: string): Command =>
  new Command(verb)
    .description(description)
    .argument('<pipeline>', 'name, or namespace/name', readPipelineName)
    .argument('<id>', 'id of the request')
    .addOption(tokenOption())
    .addOption(gatewayOption())
    .addOption(outputOption())
    .action(async (pipeline: PipelineName, id: string, options: RequestOptions) => {
      const { cancelRequest, getRequest, watchRequest } = await import('./requests.ts')
      const act = { get: getRequest, watch: watchRequest, cancel: cancelRequest }[verb]
      await act(pipeline, id, options)
    })
