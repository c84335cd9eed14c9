import { InvalidArgumentError, Option } from 'commander'

/** `--gateway URL`: where a client command finds the data plane. */
export const gatewayOption = (): Option =>
  new Option('--gateway <url>', 'URL of the gateway')
    .env('SLUICE_GATEWAY')
    .default('http://127.0.0.1:8080')
    .argParser(readGatewayUrl)

function readGatewayUrl(text: string): string {
  const url = URL.parse(text)
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:') {
    throw new InvalidArgumentError('It must begin with http:// or https://.')
  }
  return `${url.origin}${url.pathname.replace(/\/+$/, '')}`
}
