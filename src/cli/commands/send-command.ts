import { Command } from 'commander'
import { onGateway } from '../options/gateway-access.ts'
import { outputOption } from '../options/output-option.ts'
import { readHeader } from '../options/read-header.ts'
import { readCount } from '../options/read-count.ts'
import { readPipelineName, type PipelineName } from '../options/read-pipeline-name.ts'
import type { SendOptions } from './send.ts'

const examples = `
Examples:
  sluice send comments -d '{"text":"What a lovely day"}'
  sluice send shop/comments -d @comment.json
  sluice send faces -d @photo.jpg > faces.json
  echo Hello | sluice send comments -d @- --content-type text/plain
  sluice send comments -d '{"text":"Hi"}' --type com.example.comment     as a CloudEvent
  sluice send comments -d @comment.json --async               the reply is fetched later
  sluice send comments -d @comment.json --async --wait 10     the reply, if it comes within 10 s`

/** `sluice send`: calls a pipeline and prints its reply. */
export const sendCommand = (): Command =>
  onGateway(
    new Command('send')
      .description('call a pipeline and print its reply')
      .argument('<pipeline>', 'name, or namespace/name', readPipelineName)
      .option('-d, --data <data>', 'the data; @file: from a file, @-: from stdin')
      .option('--type <type>', 'send a CloudEvent of this type')
      .option('--content-type <type>', 'of the data (default: by the name of the file, or by what it is)')
      .option('-H, --header <header>', "one more header, as 'Name: value'; can be repeated", readHeader)
      .option('--async', 'do not wait: print the id of the request once it is accepted')
      .option('--wait <seconds>', 'wait that long for the reply of an accepted request', readCount())
  )
    .addOption(outputOption())
    .addHelpText('after', examples)
    .action(async (pipeline: PipelineName, options: SendOptions) => {
      const { send } = await import('./send.ts')
      await send(pipeline, options)
    })
