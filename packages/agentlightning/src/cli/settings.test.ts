import { expect, test } from 'vitest'
import { type RawFlags, readSettings, variableOf } from './settings.ts'

test('an option wins over its variable, and a variable over nothing', () => {
  const env = { AGL_PORT: '1', AGL_HOST: '10.0.0.1', AGL_DAEMON: 'yes', AGL_STORE: '' }
  const { options, daemon } = readSettings({ port: '2' }, env)
  expect(options).toMatchObject({ port: 2, host: '10.0.0.1', store: undefined, logLevel: undefined })
  expect(daemon).toBe(true)
})

test('each option has a variable', () => {
  const env = {
    AGL_PORT: '0',
    AGL_GRPC_PORT: '4317',
    AGL_OTLP_PORTS: 'on',
    AGL_HOST: '::1',
    AGL_DATA_DIR: '/data',
    AGL_STORE: 'memory',
    AGL_LOG_LEVEL: 'debug',
    AGL_API_KEY: 'key',
    AGL_REQUIRE_KEY: '1',
    AGL_INSECURE: 'off',
    AGL_ALLOW_HOST: 'a, b',
    AGL_ALLOW_ORIGIN: 'http://c',
    AGL_MAX_DISK: '1.5GiB',
    AGL_DAEMON: '0',
    AGL_OPEN: 'TRUE',
  }
  expect(readSettings({}, env)).toEqual({
    options: {
      port: 0,
      grpcPort: 4317,
      otlpPorts: true,
      host: '::1',
      dataDir: '/data',
      store: 'memory',
      logLevel: 'debug',
      apiKey: 'key',
      requireKey: true,
      insecure: false,
      allowHosts: ['a', 'b'],
      allowOrigins: ['http://c'],
      maxDiskBytes: 1_610_612_736,
    },
    daemon: false,
    open: true,
  })
  expect(variableOf('allowOrigin')).toBe('AGL_ALLOW_ORIGIN')
})

test.each<[RawFlags, string]>([
  [{ port: '' }, '--port '],
  [{ port: '65536' }, '--port 65536'],
  [{ port: '+1' }, '--port +1'],
  [{ port: '0x10' }, '--port 0x10'],
  [{ grpcPort: '-1' }, '--grpc-port -1'],
  [{ maxDisk: '0' }, '--max-disk 0'],
  [{ maxDisk: '-1GB' }, '--max-disk -1GB'],
  [{ logLevel: 'INFO' }, '--log-level INFO'],
  [{ dataDir: ' ' }, '--data-dir  '],
])('%j is refused by name', (flags, named) => {
  expect(() => readSettings(flags, {})).toThrow(`\`${named}\` is not understood.`)
})
