import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import {
  configuredUpstreams,
  defaultGatewaySettings,
  parseUpstream,
  readUpstreamsFile,
  upstreamsOfEnv,
  upstreamsOfFlags,
} from './settings.ts'

const directory = mkdtempSync(join(tmpdir(), 'agl-upstreams-'))
afterAll(() => rmSync(directory, { recursive: true }))

function fileOf(text: string): string {
  const path = join(directory, 'upstreams.json')
  writeFileSync(path, text)
  return path
}

it('an upstream is a URL, or a name and a URL', () => {
  expect(parseUpstream('http://h:8000/v1')).toEqual({ url: 'http://h:8000/v1' })
  expect(parseUpstream('a-1=https://h/v1')).toEqual({ name: 'a-1', url: 'https://h/v1' })
  expect(upstreamsOfFlags(['http://h:8000/v1'])).toEqual([{ name: 'h:8000', url: 'http://h:8000/v1' }])
  for (const wrong of ['h:8000', 'ftp://h', 'http://u:p@h', 'http://h?a=1', 'a b=http://h', ''])
    expect(parseUpstream(wrong)).toBeUndefined()
})

it('a file is read in both forms', () => {
  const upstream = { name: 'a', url: 'http://h:1', models: ['m'], ask: ['return_token_ids'], retries: 2 }
  expect(readUpstreamsFile(fileOf(JSON.stringify([upstream])))).toEqual([upstream])
  expect(readUpstreamsFile(fileOf(JSON.stringify({ upstreams: [upstream] })))).toEqual([upstream])
})

it.each([
  ['[{"name":"a"}]', /url/],
  ['[{"name":"a","url":"http://h","colour":"red"}]', /colour/],
  ['[{"name":"a","url":"http://h","retries":-1}]', /retries/],
  ['{', /JSON/],
])('%s is refused with what is wrong', (text, problem) => {
  const path = fileOf(text)
  expect(() => readUpstreamsFile(path)).toThrow(expect.objectContaining({ code: 'AGL_BAD_ARGUMENT' }))
  expect(() => readUpstreamsFile(path)).toThrow(problem)
})

it('names are unique over flags and file', () => {
  const upstreamsFile = fileOf('[{"name":"a","url":"http://h:1"}]')
  const settings = { ...defaultGatewaySettings, upstreamsFile }
  expect(configuredUpstreams(settings).map(({ name }) => name)).toEqual(['a'])
  const twice = { ...settings, upstreams: [{ name: 'a', url: 'http://h:2' }] }
  expect(() => configuredUpstreams(twice)).toThrow(/name a/)
})

it('the surrounding of a client names its servers', () => {
  const env = { OPENAI_BASE_URL: ' http://h:1/v1 ', ANTHROPIC_BASE_URL: 'http://h:2' }
  expect(upstreamsOfEnv(env).map(({ name, url }) => [name, url])).toEqual([
    ['openai', 'http://h:1/v1'],
    ['anthropic', 'http://h:2'],
  ])
  expect(upstreamsOfEnv({ OPENAI_BASE_URL: 'nonsense' })).toEqual([])
})
