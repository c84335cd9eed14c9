/** How names that are not complete are completed. */
export interface SearchRules {
  readonly domains: readonly string[]
  /** A name with as many dots is tried as it is first. */
  readonly ndots: number
}

export const noSearch: SearchRules = { domains: [], ndots: 1 }

/** Reads `search`, `domain` and `ndots` of `/etc/resolv.conf`; of several lines the last one counts. */
export function readSearchRules(text: string): SearchRules {
  let { domains, ndots } = noSearch
  for (const line of text.split('\n')) {
    const [word, ...values] = line
      .replace(/[#;].*/, '')
      .trim()
      .split(/\s+/)
    if (word === 'search' || word === 'domain') domains = values
    if (word !== 'options') continue
    const given = values.find(value => /^ndots:\d+$/.test(value))
    if (given !== undefined) ndots = Math.min(15, Number(given.slice('ndots:'.length)))
  }
  return { domains, ndots }
}

/** The complete names that a name may stand for, in the order in which a resolver asks for them. */
export function completeNames(name: string, { domains, ndots }: SearchRules): readonly string[] {
  if (name.endsWith('.')) return [name]
  const completed = domains.filter(domain => domain !== '.').map(domain => `${name}.${domain}`)
  const dots = name.split('.').length - 1
  return dots >= ndots ? [name, ...completed] : [...completed, name]
}
