import { Command } from 'commander'

const examples = `
Example:
  sluice crd | kubectl apply -f -               before the first kubectl apply of a ServingPipeline`

/** `sluice crd`: the resources, as Kubernetes is told of them. */
export const crdCommand = (): Command =>
  new Command('crd')
    .description('print the CustomResourceDefinitions for Kubernetes')
    .addHelpText('after', examples)
    .action(async () => {
      const { crdText } = await import('./crd-text.ts')
      process.stdout.write(crdText())
    })
