import { Option } from 'commander'
import { readUrl } from './read-url.ts'

/** `--gateway URL`: where a client command finds the data plane. */
export const gatewayOption = (): Option =>
  new Option('--gateway <url>', 'URL of the gateway')
    .env('SLUICE_GATEWAY')
    .default('http://127.0.0.1:8080')
    .argParser(readUrl)

/** `--token TOKEN` of the data plane. */
export const tokenOption = (): Option =>
  new Option('--token <token>', 'bearer token, if the gateway asks for one').env('SLUICE_TOKEN')
