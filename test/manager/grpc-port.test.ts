import { AgentOpsServerManager } from 'agentlightning'
import { expect, test } from 'vitest'
import '../support/agl.ts'
import { call } from '../support/grpc.ts'
import { protobufBody, someSpan } from '../support/otlp-bodies.ts'

test('a manager opens a gRPC port, tells it, and keeps it over stop and start', async () => {
  await using server = new AgentOpsServerManager({ store: 'memory', port: 0, grpcPort: 0 })
  expect(server.grpcPort).toBeUndefined()
  await server.start()
  const { grpcPort } = server
  expect(server.ports).toEqual({ http: [server.serverPort], grpc: [grpcPort] })
  expect(await call(grpcPort as number, protobufBody([someSpan()]))).toMatchObject({ code: 0 })
  await server.stop()
  await server.start()
  expect(server.grpcPort).toBe(grpcPort)
  expect(await call(grpcPort as number, protobufBody([someSpan()]))).toMatchObject({ code: 0 })
})

test('a gRPC port that is none is refused', () => {
  expect(() => new AgentOpsServerManager({ grpcPort: 65_536 })).toThrow('65536 is not a port')
})
