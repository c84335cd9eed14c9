/** Names of variables and settings that hold secrets, whoever reads them; that of a TLS key holds a path. */
const secretName = /((?<!TLS_)KEY|TOKEN|SECRET|PASSWORD|PASSWD|CREDENTIALS?|HEADERS)$/i

/** Shorter values are no secrets worth the name, and would be found in words that are none. */
const leastLength = 6

/**
 * The values that no line of the log shows, whatever error quotes them: variables that are called like secrets, and
 * credentials in URLs, as they are written and as they are meant.
 */
export function secretValues(values: Readonly<Record<string, string | undefined>>): readonly string[] {
  const found = Object.entries(values).flatMap(([name, value = '']) =>
    secretName.test(name) ? [value, ...headerValues(value)] : credentialsIn(value)
  )
  const meant = found.flatMap(value => [value, decoded(value)])
  return [...new Set(meant)].filter(value => value.length >= leastLength).toSorted((a, b) => b.length - a.length)
}

/** Of `name=value,name=value`, as the variables of OpenTelemetry have headers. */
const headerValues = (value: string): readonly string[] =>
  value.split(',').map(header => header.slice(header.indexOf('=') + 1))

/** The password of `user:password@`, or the whole of a userinfo without one. */
function credentialsIn(value: string): readonly string[] {
  const userinfo = /^[a-z][a-z0-9+.-]*:\/\/([^/?#]*)@/i.exec(value)?.[1] ?? ''
  return [userinfo.slice(userinfo.indexOf(':') + 1)]
}

function decoded(value: string): string {
  try {
    return decodeURIComponent(value)
  } catch {
    return value
  }
}
