import { createHash, timingSafeEqual } from 'node:crypto'

/** Whether an `Authorization` value carries the token; takes the same time for every wrong one. */
export function createBearerCheck(token: string): (authorization: string | undefined) => boolean {
  const wanted = digest(token)
  return authorization => {
    const given = /^Bearer +(\S+) *$/i.exec(authorization ?? '')?.[1]
    return given !== undefined && timingSafeEqual(digest(given), wanted)
  }
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest()
