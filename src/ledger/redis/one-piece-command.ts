import { Command } from 'ioredis'

/**
 * A command that is written in one piece: the base class measures and copies each argument by itself, and a group of
 * calls has hundreds. The text between two buffers is one string.
 */
export class OnePieceCommand extends Command {
  override toWritable(): Buffer {
    const { name, args } = this
    const pieces: (string | Buffer)[] = []
    let text = `*${args.length + 1}\r\n${bulk(name)}`
    let length = 0
    const push = (piece: string | Buffer): void => {
      pieces.push(piece)
      length += Buffer.byteLength(piece)
    }
    for (const arg of args) {
      if (Buffer.isBuffer(arg)) {
        push(`${text}$${arg.length}\r\n`)
        push(arg)
        text = '\r\n'
      } else {
        text += bulk(String(arg))
      }
    }
    push(text)
    return joined(pieces, length)
  }
}

const bulk = (text: string): string => `$${Buffer.byteLength(text)}\r\n${text}\r\n`

function joined(pieces: readonly (string | Buffer)[], length: number): Buffer {
  const bytes = Buffer.allocUnsafe(length)
  let at = 0
  for (const piece of pieces) at += typeof piece === 'string' ? bytes.write(piece, at) : piece.copy(bytes, at)
  return bytes
}
