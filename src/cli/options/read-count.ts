import { InvalidArgumentError } from 'commander'

/** Reads a whole number from 1 on, as an option; `most` is what the gateway takes. */
export const readCount =
  (most = Infinity) =>
  (text: string): number => {
    if (/^[1-9]\d{0,8}$/.test(text) && Number(text) <= most) return Number(text)
    throw new InvalidArgumentError(`It must be a whole number from 1 ${most === Infinity ? 'on' : `to ${most}`}.`)
  }
