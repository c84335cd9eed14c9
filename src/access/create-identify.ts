import { SluiceError } from '../errors.ts'
import type { Secrets } from '../secrets/secrets.ts'
import type { Logger } from '../telemetry/log.ts'
import { everybody, type Identified, type Identify } from './identify.ts'
import type { JwtJudge } from './jwt-judge.ts'
import { tokenDigest } from './token-digest.ts'
import { TokenFile } from './token-file.ts'

/** The settings that name callers, or let them in without a name. */
export interface CallerSettings {
  /** Lets in whoever has it, without a name. */
  readonly authToken: string | undefined
  /** A file of named tokens. */
  readonly authTokens?: string | undefined
  readonly jwt?: JwtSettings | undefined
}

export interface JwtSettings {
  readonly issuer: string
  readonly audiences: readonly string[]
  /** A URL, or the path of a file. */
  readonly jwks: string
}

export interface IdentifyDeps {
  readonly secrets: Secrets
  readonly log: Logger
}

/** Whether callers can have names at all. */
export const namesCallers = ({ authTokens, jwt }: CallerSettings): boolean =>
  authTokens !== undefined || jwt !== undefined

/** Whether a caller must show something. */
export const needsToken = (settings: CallerSettings): boolean =>
  settings.authToken !== undefined || namesCallers(settings)

/** Finds out who calls. Throws where the file of tokens cannot be read. */
export async function createIdentify(settings: CallerSettings, deps: IdentifyDeps): Promise<Identify> {
  if (!needsToken(settings)) return everybody
  const { authToken, authTokens, jwt } = settings
  const nameless = authToken === undefined ? undefined : tokenDigest(authToken)
  const tokens = authTokens === undefined ? undefined : new TokenFile(deps.secrets.file(authTokens), deps.log)
  const judge = jwt === undefined ? undefined : await createJudge(jwt, deps)
  return authorization => {
    const token = bearer.exec(authorization ?? '')?.[1]
    if (token === undefined) return nobody
    const digest = tokenDigest(token)
    const name = tokens?.nameOf(digest)
    if (name !== undefined) return { kind: 'known', caller: { kind: 'token', name } }
    if (digest === nameless) return { kind: 'known', caller: undefined }
    return judge === undefined ? wrong : judge.judge(token, digest)
  }
}

const bearer = /^Bearer +(\S+) *$/i

const nobody: Identified = {
  kind: 'refused',
  error: new SluiceError('UNAUTHENTICATED', 'send the token of this gateway as "Authorization: Bearer TOKEN"')
}

const wrong: Identified = {
  kind: 'refused',
  error: new SluiceError('UNAUTHENTICATED', 'the token is refused: it is not one of this gateway')
}

/** Loaded only where JWTs are judged. */
async function createJudge(settings: JwtSettings, { secrets, log }: IdentifyDeps): Promise<JwtJudge> {
  const [{ JwtJudge }, { JwtKeys }, { keySetAt, keySetIn }] = await Promise.all([
    import('./jwt-judge.ts'),
    import('./jwt-keys.ts'),
    import('./read-key-set.ts')
  ])
  const { issuer, audiences, jwks } = settings
  const isUrl = /^https?:\/\//i.test(jwks)
  const keys = new JwtKeys(isUrl ? keySetAt(jwks) : keySetIn(secrets.file(jwks)), log)
  secrets.onReadAgain(() => void keys.readAgain())
  await keys.readAgain()
  if (audiences.length === 0) {
    log.warn({ issuer }, 'JWTs of the issuer are taken whatever audience they are for; --jwt-audience says which')
  }
  return new JwtJudge({ issuer, audiences }, keys)
}
