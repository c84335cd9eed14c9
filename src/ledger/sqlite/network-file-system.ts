import { statfsSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { StoreFault } from './store-fault.ts'

/** File systems on which neither locks nor fsync can be relied on, by the type that statfs(2) gives. */
const networkFileSystems = new Map([
  [0x6969, 'NFS'],
  [0x517b, 'SMB'],
  [0xff534d42, 'CIFS'],
  [0xfe534d42, 'SMB2'],
  [0x01021997, '9P']
])

/** Throws when the folder of the path, which must be there, is on one of them. */
export function refuseNetworkFileSystem(path: string): void {
  const name = networkFileSystems.get(statfsSync(dirname(resolve(path))).type >>> 0)
  if (name === undefined) return
  throw new StoreFault(
    `${path} is on a network file system (${name}), where SQLite is not safe: use a local disk, or Redis`
  )
}
