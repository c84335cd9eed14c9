import { Option } from 'commander'

/** `--cert FILE`: by what a client command proves who it is, to a gateway that asks for certificates. */
export const certOption = (): Option =>
  new Option('--cert <file>', 'certificate in PEM by which the command proves who it is').env('SLUICE_CERT')

/** `--key FILE` */
export const keyOption = (): Option => new Option('--key <file>', 'its private key in PEM').env('SLUICE_KEY')
