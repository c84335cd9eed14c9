import type { Destination, UrlDestination } from '../pipeline/destination.ts'

/** Names a destination in metrics and logs, and keys its breaker. */
export function destinationName(destination: Destination): string {
  switch (destination.kind) {
    case 'url':
      return urlName(destination)
    case 'process':
      return `process:${destination.process.step}`
    case 'redisStream':
      return streamName(destination)
    case 'log':
      return 'log'
    case 'unresolved':
      return `ref:${destination.ref}`
  }
}

function urlName({ url, ref }: Pick<UrlDestination, 'url' | 'ref'>): string {
  const { origin, pathname } = new URL(url)
  return ref === undefined ? `${origin}${pathname}` : `ref:${ref}${pathname === '/' ? '' : pathname}`
}

/** Without user and password. */
const streamName = ({ url, stream }: Extract<Destination, { kind: 'redisStream' }>): string =>
  `redis:${URL.parse(url)?.host ?? ''}/${stream}`
