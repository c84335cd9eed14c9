import { createServer } from 'node:net'
import { Command, Redis } from 'ioredis'
import { expect, it } from 'vitest'
import { listenOnLoopback } from '../helpers/loopback.ts'

// `ledger/redis/one-piece-command.ts` writes commands by itself.
it('what toWritable of a command gives is what goes out, and the answer settles its promise', async () => {
  class Written extends Command {
    override toWritable(): string {
      return '*1\r\n$4\r\nOURS\r\n'
    }
  }
  let received = ''
  const server = createServer(socket => {
    socket.on('error', () => socket.destroy())
    socket.setEncoding('latin1').on('data', (text: string) => {
      received += text
      socket.write('+done\r\n')
    })
  })
  const port = await listenOnLoopback(server)
  const redis = new Redis(port, '127.0.0.1', { enableReadyCheck: false, disableClientInfo: true })
  const command = new Written('evalsha', ['theirs'], { replyEncoding: 'utf8' })
  redis.sendCommand(command)
  expect(await command.promise).toBe('done')
  expect(received).toContain('OURS')
  expect(received).not.toContain('theirs')
  redis.disconnect()
  server.close()
})
