import { Command, Option } from 'commander'
import { readUrl } from '../options/read-url.ts'
import type { ControllerOptions } from './controller.ts'

const examples = `
Examples:
  sluice controller                             in a pod, for all namespaces
  sluice controller --namespace models --gateway-url http://models.example.com

Several may run: one of them leads, by the Lease sluice-controller.`

/** `sluice controller`: on Kubernetes, until a signal ends it. */
export const controllerCommand = (): Command =>
  new Command('controller')
    .description('on Kubernetes: write the status of pipelines, and deploy the images of their steps')
    .option('--namespace <namespace>', 'of which namespace (default: of all)')
    .option('--kubeconfig <file>', "where the API server is (default: KUBECONFIG, ~/.kube/config, or the pod's own)")
    .addOption(
      new Option('--gateway-url <url>', 'URL of the data plane in the cluster (default: the Service sluice)')
        .env('SLUICE_GATEWAY_URL')
        .argParser(readUrl)
    )
    .addOption(
      new Option('--gateway-admin <url>', 'URL of the admin planes of all gateways (default: the Service sluice-admin)')
        .env('SLUICE_GATEWAY_ADMIN')
        .argParser(readUrl)
    )
    .addOption(
      new Option('--prometheus-url <url>', 'URL of the Prometheus by which KEDA scales (default: KEDA is not used)')
        .env('SLUICE_PROMETHEUS_URL')
        .argParser(readUrl)
    )
    .option('--admin-host <host>', 'bind address of its own admin plane (default: 127.0.0.1)')
    .addOption(new Option('--admin-port <port>', 'port of its own admin plane, 0: a free one').default('9091'))
    .option('--admin-token <token>', 'bearer token of its own admin plane, and of those of the gateways')
    .option('--log-level <level>', 'trace, debug, info, warn, error or silent (default: info)')
    .option('--log-format <format>', 'json or pretty (default: pretty on a terminal)')
    .addHelpText('after', examples)
    .action(async (options: ControllerOptions) => {
      const { controller } = await import('./controller.ts')
      await controller(options)
    })
