import * as fc from 'fast-check'
import { Command } from 'ioredis'
import { Socket } from 'node:net'
import { expect, it } from 'vitest'
import { OnePieceCommand } from '../../src/ledger/redis/one-piece-command.ts'

const argument = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.double(),
  fc.integer(),
  fc.uint8Array().map(octets => Buffer.from(octets))
)

it('puts on the wire what the base class puts there', () => {
  const wire = (command: Command): string => Buffer.from(command.toWritable(new Socket())).toString('hex')
  const sameOnTheWire = fc.property(fc.array(argument), args => {
    expect(wire(new OnePieceCommand('EVALSHA', args))).toBe(wire(new Command('EVALSHA', args)))
  })
  fc.assert(sameOnTheWire)
})
