import { Option } from 'commander'
import { readUrl } from './read-url.ts'

/** Where a client command finds the admin plane. */
export interface AdminOptions {
  readonly admin: string
  readonly adminToken?: string
}

/** `--admin URL` */
export const adminOption = (): Option =>
  new Option('--admin <url>', 'URL of the admin plane')
    .env('SLUICE_ADMIN')
    .default('http://127.0.0.1:9090')
    .argParser(readUrl)

/** `--admin-token TOKEN` */
export const adminTokenOption = (): Option =>
  new Option('--admin-token <token>', 'bearer token of the admin plane, if it asks for one').env('SLUICE_ADMIN_TOKEN')
