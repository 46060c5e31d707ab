import { createServer } from 'node:net'
import { expect, test } from 'vitest'
import { listeningInodes, portHolder, portHolderText } from './port-holder.ts'

test('the process that listens on a port is found, and none on a free one', async () => {
  for (const host of ['127.0.0.1', '::1']) {
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(0, host, resolve))
    const { port } = server.address() as { port: number }
    expect(portHolder(port)).toMatchObject({ pid: process.pid })
    expect(portHolderText(port)).toContain(`(pid ${process.pid})`)
    await new Promise((resolve) => server.close(resolve))
    expect(portHolder(port)).toBeUndefined()
    expect(portHolderText(port)).toBe('')
  }
})

test('of the table of sockets only those that listen on the port count', () => {
  const table = [
    '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode',
    '   0: 0100007F:1F42 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 11 1 0 100 0 0 10 0',
    '   1: 0100007F:1F42 0100007F:D431 01 00000000:00000000 00:00000000 00000000     0        0 22 1 0 20 4 30 10 -1',
    '   2: 0100007F:D431 0100007F:1F42 0A 00000000:00000000 00:00000000 00000000     0        0 33 1 0 20 4 30 10 -1',
    '',
  ].join('\n')
  expect(listeningInodes(table, 8002)).toEqual(['11'])
})
