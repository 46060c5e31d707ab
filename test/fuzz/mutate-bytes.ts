// Damage without regard to structure: what a broken client, proxy or disk makes of a body.
import type { Dice } from './random.ts'

const telling = [0x00, 0x01, 0x0a, 0x22, 0x2c, 0x5b, 0x5d, 0x7b, 0x7d, 0x7f, 0x80, 0xc0, 0xed, 0xfe, 0xff]
const LONGEST_RUN = 64

/** `body` with one to four damages; `other` is what may be spliced in. */
export function mutateBytes(dice: Dice, body: Buffer, other: Buffer): Buffer {
  let bytes = body
  for (let count = 1 + dice.below(4); count > 0; count--) bytes = damage(dice, bytes, other)
  return bytes
}

function damage(dice: Dice, bytes: Buffer, other: Buffer): Buffer {
  const at = dice.below(bytes.length + 1)
  const to = Math.min(bytes.length, at + 1 + dice.below(LONGEST_RUN))
  const [head, run, tail] = [bytes.subarray(0, at), bytes.subarray(at, to), bytes.subarray(to)]
  switch (dice.below(7)) {
    case 0: {
      const flipped = Buffer.from(bytes)
      if (at < flipped.length) flipped[at] = flipped[at]! ^ (1 << dice.below(8))
      return flipped
    }
    case 1:
      return Buffer.concat([
        head,
        Buffer.of(dice.pick(telling)),
        bytes.subarray(Math.min(at + 1, bytes.length)),
      ])
    case 2:
      return Buffer.concat([head, dice.bytes(dice.below(LONGEST_RUN)), bytes.subarray(at)])
    case 3:
      return Buffer.concat([head, tail])
    case 4:
      return Buffer.concat([head, ...Array.from({ length: 1 + dice.below(8) }, () => run), tail])
    case 5:
      return Buffer.from(head)
    default: {
      const from = dice.below(other.length + 1)
      return Buffer.concat([head, other.subarray(from, from + dice.below(4096)), tail])
    }
  }
}
