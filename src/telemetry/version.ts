import { readFileSync } from 'node:fs'
import { packageFile } from '../own-files.ts'

const manifest: { readonly version: string } = JSON.parse(readFileSync(packageFile('package.json'), 'utf8'))

/** Of Sluice itself, as its package says it. */
export const version = manifest.version
