import { createBearerCheck } from '../http/bearer.ts'

/** Whether a value of `Authorization` opens a plane; without a token the plane is open. */
export function authorization(token: string | undefined): (authorization: string | undefined) => boolean {
  return token === undefined ? () => true : createBearerCheck(token)
}
