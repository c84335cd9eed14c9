import { expect, it } from 'vitest'
import { aRequest, readRecord } from '../helpers/ledger-requests.ts'
import { freePort } from '../helpers/loopback.ts'
import { startProcess } from '../helpers/process.ts'
import { startRedis } from '../helpers/redis-server.ts'
import { createTempFolder } from '../helpers/temp-folder.ts'
import { waitFor } from '../helpers/wait-for.ts'
import { connectReplica } from './redis-ledgers.ts'

it('follows the sentinels to the new master', { timeout: 60_000 }, async () => {
  await using master = await startRedis({ args: ['--repl-diskless-sync-delay', '0'] })
  await using replica = await startRedis({ args: ['--replicaof', '127.0.0.1', String(master.port)] })
  await using folder = await createTempFolder()
  const port = await freePort()
  const settings = await folder.write('sentinel.conf', sentinelSettings(port, master.port, folder.path))
  await using sentinel = await startProcess('redis-server', [settings, '--sentinel'])
  await sentinel.waitForLine(new RegExp(`\\+slave slave 127\\.0\\.0\\.1:${replica.port}`))
  await using ledger = await connectReplica(`redis+sentinel://127.0.0.1:${port}/main`, 'test')
  expect(ledger.durability.warnings).toContainEqual(expect.stringContaining('a failover may lose'))

  const request = aRequest()
  await ledger.accept([request])
  await using copy = await connectReplica(replica.url, 'test')
  await waitFor(() => readRecord(copy, request), { what: 'the replica to have the request' })
  await master.kill9()
  await waitFor(() => ledger.accept([aRequest()]), { what: 'the new master', timeoutMs: 30_000 })
  expect(await readRecord(ledger, request)).toMatchObject({ status: 'accepted' })
})

const sentinelSettings = (port: number, masterPort: number, folder: string): string => `
port ${port}
bind 127.0.0.1
dir ${folder}
sentinel monitor main 127.0.0.1 ${masterPort} 1
sentinel down-after-milliseconds main 1000
sentinel failover-timeout main 3000
`
