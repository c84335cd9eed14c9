import { messageOf } from '../../errors.ts'
import { readFileSync } from 'node:fs'
import { InvalidArgumentError, Option } from 'commander'

/** `--ca FILE`: whom a client command trusts beside those whom this machine does. */
export const caOption = (): Option =>
  new Option('--ca <file>', 'certificates in PEM that the gateway may be signed by').env('SLUICE_CA').argParser(trust)

function trust(file: string): string {
  // Loaded only where it is needed.
  const { getCACertificates, setDefaultCACertificates } = process.getBuiltinModule('node:tls')
  try {
    setDefaultCACertificates([...getCACertificates('default'), readFileSync(file, 'utf8')])
    return file
  } catch (thrown) {
    throw new InvalidArgumentError(messageOf(thrown))
  }
}
