import { messageOf } from '../../errors.ts'
import { extname } from 'node:path'

/** Content types by the ends of names of files that people send to models. */
const types: Readonly<Record<string, string>> = {
  '.json': 'application/json',
  '.jsonl': 'application/jsonl',
  '.ndjson': 'application/x-ndjson',
  '.txt': 'text/plain',
  '.md': 'text/markdown',
  '.csv': 'text/csv',
  '.html': 'text/html',
  '.xml': 'application/xml',
  '.jpg': 'image/jpeg',
  '.jpeg': 'image/jpeg',
  '.png': 'image/png',
  '.gif': 'image/gif',
  '.webp': 'image/webp',
  '.svg': 'image/svg+xml',
  '.tif': 'image/tiff',
  '.tiff': 'image/tiff',
  '.bmp': 'image/bmp',
  '.pdf': 'application/pdf',
  '.wav': 'audio/wav',
  '.mp3': 'audio/mpeg',
  '.flac': 'audio/flac',
  '.ogg': 'audio/ogg',
  '.mp4': 'video/mp4',
  '.npy': 'application/octet-stream',
  '.bin': 'application/octet-stream'
}

/** The content type of data: by the name of its file, where that tells; else JSON, text, or octets, as what it is. */
export function dataType(data: Buffer, file: string | undefined): string {
  const named = typeOf(file)
  if (named !== undefined) return named
  if (jsonFault(data) === undefined) return 'application/json'
  return isText(data) ? 'text/plain' : 'application/octet-stream'
}

const typeOf = (file: string | undefined): string | undefined =>
  file === undefined ? undefined : types[extname(file).toLowerCase()]

/** The fault of data that looks like a JSON object or list; `undefined`: none, or it does not look so. */
export function brokenJson(data: Buffer, file: string | undefined): string | undefined {
  if (typeOf(file) !== undefined && typeOf(file) !== 'application/json') return undefined
  return /^\s*[[{]/.test(data.subarray(0, 100).toString()) ? jsonFault(data) : undefined
}

function jsonFault(data: Buffer): string | undefined {
  try {
    JSON.parse(data.toString())
    return undefined
  } catch (thrown) {
    return messageOf(thrown)
  }
}

function isText(data: Buffer): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(data)
    return !data.includes(0)
  } catch {
    return false
  }
}
