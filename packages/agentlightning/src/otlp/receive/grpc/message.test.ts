import { expect, test } from 'vitest'
import { readMessage, writeMessage } from './message.ts'

test.each([0, 1, 70_000])('a message of %i bytes comes back', (size) => {
  const bytes = Buffer.alloc(size, 7)
  expect(readMessage(writeMessage(bytes))).toEqual({ compressed: false, bytes })
})

test('the flag of compression is read', () => {
  expect(readMessage(Buffer.from([1, 0, 0, 0, 1, 9]))).toEqual({ compressed: true, bytes: Buffer.from([9]) })
})

test.each([
  ['nothing', '', 'it has 0 bytes'],
  ['a cut prefix', '00000000', 'it has 4 bytes'],
  ['another flag', '0200000000', 'its first byte is 2'],
  ['too little', '000000000207', 'said to be 2 bytes and 1 came'],
  ['a second message', '00000000000000000000', 'said to be 0 bytes and 5 came'],
])('%s is refused', (_, hex, said) => {
  expect(() => readMessage(Buffer.from(hex, 'hex'))).toThrow(said)
})
