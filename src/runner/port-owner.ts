import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { socketsOfGroup } from './sockets-of-group.ts'

/**
 * The receiver of data that is sent to a port of 127.0.0.1: `own` processes, or an `other` one; `nobody` listens there;
 * `unknown`: this machine does not say.
 */
export type PortOwner = 'own' | 'other' | 'nobody' | 'unknown'

/** Whether the group of processes that `leader` leads, or what descends from them, gets it. Linux alone says so. */
export async function portOwner(port: number, leader: number, proc = '/proc'): Promise<PortOwner> {
  const tables = await Promise.all(['net/tcp', 'net/tcp6'].map(table => readTable(join(proc, table))))
  const listeners = tables.flat()
  if (listeners.length === 0) return 'unknown'
  const takers = takersOf(listeners, port)
  if (takers.length === 0) return 'nobody'
  const { inodes, hidden } = await socketsOfGroup(leader, proc)
  const others = takers.filter(({ inode, uid }) => !inodes.has(inode) && !isSystem(uid))
  if (others.length === 0) return 'own'
  return hidden ? 'unknown' : 'other'
}

interface Listener {
  /** As the kernel writes it, in hexadecimal. */
  readonly address: string
  readonly port: number
  readonly uid: number
  readonly inode: string
}

const listening = '0A'

/** The sockets that listen; none where there is no such table. */
async function readTable(path: string): Promise<Listener[]> {
  const text = await readFile(path, 'utf8').catch(() => '')
  return text.split('\n').flatMap(line => {
    const [, local = '', , state, , , , uid, , inode = ''] = line.trim().split(/\s+/)
    const [address = '', port = ''] = local.split(':')
    return state === listening ? [{ address, port: Number.parseInt(port, 16), uid: Number(uid), inode }] : []
  })
}

/** 127.0.0.1, and the same within IPv6. */
const loopback = new Set(['0100007F', '0000000000000000FFFF00000100007F'])
/** All addresses; one of IPv6 takes those of IPv4 too, unless it was told not to, which the kernel does not tell. */
const anyAddress = /^0+$/

/** A socket of the very address goes before one of all addresses. */
function takersOf(listeners: readonly Listener[], port: number): readonly Listener[] {
  const atPort = listeners.filter(listener => listener.port === port)
  const exact = atPort.filter(({ address }) => loopback.has(address))
  return exact.length > 0 ? exact : atPort.filter(({ address }) => anyAddress.test(address))
}

/** Root sees everything anyway, and passes on what comes to a published port of a container. */
const isSystem = (uid: number): boolean => uid === 0 && process.getuid?.() !== 0
