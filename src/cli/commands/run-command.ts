import { Command } from 'commander'
import type { RunOptions } from './run.ts'

const examples = `
Examples:
  sluice run pipeline.yaml
  kubectl get servingpipeline comments -o yaml | sluice run -
  sluice run pipelines/ --port 0 --admin-port 0
  sluice run pipelines/ --workers 4             on four processors
  sluice run pipeline.yaml --resolve sentiment=http://localhost:9102
  sluice run pipelines/ --watch                 read again when a definition changes
  sluice run --kubernetes --namespace models    the ServingPipelines of a namespace
  sluice run                                    with the files named in sluice.yaml, or what the admin API keeps

Every option can also be set by an environment variable (--admin-port: SLUICE_ADMIN_PORT) or in
sluice.yaml (adminPort). Flags win over the environment, the environment over the file.`

const egress = `what steps may be called: cluster (all but link-local and cloud metadata addresses), public,
or allow=HOST,ADDRESS,CIDR (default: cluster)`

const collect = (value: string, before: readonly string[] = []): string[] => [...before, value]

/** `sluice run`: the gateway, until a signal ends it. */
export const runCommand = (): Command =>
  new Command('run')
    .description('run the gateway')
    .argument('[files...]', 'definition files and directories; - for stdin')
    .option('--config <file>', 'configuration file (default: sluice.yaml, if there is one)')
    .option('--kubernetes', 'definitions of an API server, beside those of files; follows them')
    .option('--namespace <namespace>', 'of which namespace (default: of all)')
    .option(
      '--kubeconfig <file>',
      'where it is (default: KUBECONFIG, ~/.kube/config, or the service account of the pod)'
    )
    .option('--host <host>', 'bind address of the data plane (default: 127.0.0.1)')
    .option('--port <port>', 'port of the data plane, 0: a free one (default: 8080)')
    .option('--admin-host <host>', 'bind address of the admin plane (default: 127.0.0.1)')
    .option('--admin-port <port>', 'port of the admin plane, 0: a free one (default: 9090)')
    .option('--admin-token <token>', 'bearer token of the admin plane; required unless it is bound to loopback')
    .option('--auth-token <token>', 'bearer token of the data plane (default: open)')
    .option('--auth-tokens <file>', "named tokens of the data plane, 'NAME TOKEN' a line; read again when it changes")
    .option('--jwt-issuer <issuer>', 'whose JWTs the data plane takes')
    .option('--jwt-audience <audience>', 'whom they must be for; one of several, separated by commas')
    .option('--jwt-jwks <url|file>', 'the keys that sign them (RS256, ES256 or EdDSA)')
    .option('--tls-cert <file>', 'certificate chain of the data plane in PEM; read again when it changes')
    .option('--tls-key <file>', 'its private key in PEM')
    .option('--tls-client-ca <file>', 'who signs the certificates that callers must have (default: none needed)')
    .option('--admin-tls-cert <file>', 'certificate chain of the admin plane in PEM')
    .option('--admin-tls-key <file>', 'its private key in PEM')
    .option('--admin-tls-client-ca <file>', 'who signs the certificates that callers of the admin plane must have')
    .option('--allow-origin <origin>', 'a site whose pages may call the data plane; can be repeated', collect)
    .option('--egress <rule>', egress)
    .option('--resolve <name=url>', 'where the ref of a step leads; can be repeated', collect)
    .option('--log-level <level>', 'trace, debug, info, warn, error or silent (default: info)')
    .option('--log-format <format>', 'json, or pretty: one line for each request (default: pretty on a terminal)')
    .option(
      '--store <store>',
      'sqlite:PATH, sqlite::memory: or a Redis URL, ?prefix=NAME (default: sqlite:./sluice.db)'
    )
    .option('--durability <level>', 'default, or strict: refuse a store that can lose accepted requests')
    .option('--workers <n>', 'processes that take requests, 1 to 64, sharing port and store (default: 1)')
    .option('--max-processes <n>', 'local processes of all steps with run together, at most (default: 64)')
    .option('--body-memory <size>', 'what all bodies in flight share; beyond it new ones are 503 (default: 256MiB)')
    .option('--shutdown-grace <duration>', 'how long a shutdown waits for what is in flight (default: 30s)')
    .option('--watch', 'read definitions again when they change')
    .addHelpText('after', examples)
    .action(async (files: readonly string[], options: RunOptions) => {
      const { run } = await import('./run.ts')
      await run(files, options)
    })
