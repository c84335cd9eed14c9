import type { SecretReading } from '../secrets/secrets.ts'

/** Values of headers, by the keys of where Kubernetes has them; `undefined`: no pipeline needs it any more. */
export type ToldValues = ReadonlyMap<string, SecretReading | undefined>
