import { hash } from 'node:crypto'

/** A token is looked up by this digest, so that the time of a lookup says nothing of the tokens that are there. */
export const tokenDigest = (token: string): string => hash('sha256', token, 'base64')
