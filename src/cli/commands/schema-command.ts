import { Command } from 'commander'

const examples = `
Example:
  sluice schema > sluice.schema.json            for the YAML support of an editor`

/** `sluice schema`: the JSON Schema of the resource. */
export const schemaCommand = (): Command =>
  new Command('schema')
    .description('print the JSON Schema of a ServingPipeline, for editors')
    .addHelpText('after', examples)
    .action(async () => {
      const { jsonSchema } = await import('../../pipeline/json-schema.ts')
      process.stdout.write(`${JSON.stringify(jsonSchema(), null, 2)}\n`)
    })
