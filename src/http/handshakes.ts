import type { Socket } from 'node:net'
import type { Server } from 'node:https'

/** Connections that have not said by TLS who they are; beyond them the one that has been at it for longest goes. */
const most = 512

/** Bounds the connections of a server whose handshake is not done: those who begin one and stop cost others nothing. */
export function boundHandshakes(server: Server): void {
  const under = new Map<string, Socket>()
  server.on('connection', (socket: Socket) => {
    const name = nameOf(socket)
    under.set(name, socket)
    socket.once('close', () => under.get(name) === socket && under.delete(name))
    if (under.size <= most) return
    const [[oldestName, oldest] = []] = under
    if (oldestName === undefined) return
    under.delete(oldestName)
    oldest?.destroy()
  })
  server.on('secureConnection', socket => under.delete(nameOf(socket)))
}

/** The two sockets of one connection, below and above TLS, have these in common. */
const nameOf = ({ remoteAddress, remotePort }: Socket): string => `${remoteAddress} ${remotePort}`
