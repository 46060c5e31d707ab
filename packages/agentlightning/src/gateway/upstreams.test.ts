import { expect, it } from 'vitest'
import type { UpstreamSettings } from './settings.ts'
import { chooseUpstream, makeUpstream, noteRefusal, refusedBy } from './upstreams.ts'

function choose(
  settings: readonly Omit<UpstreamSettings, 'url'>[],
  key: string,
  model?: string,
  path = '/v1/chat/completions',
) {
  const upstreams = settings.map((each) => makeUpstream({ ...each, url: 'http://h:1' }))
  const dialect = path.endsWith('/messages') ? 'messages' : path.endsWith('/completions') ? 'chat' : 'other'
  return chooseUpstream(upstreams, { dialect, path, model }, key)?.settings.name
}

it('the model decides, and who names it wins over who takes any', () => {
  const upstreams = [{ name: 'any' }, { name: 'a', models: ['m1', 'm2'] }, { name: 'b', models: ['m3'] }]
  expect([choose(upstreams, 'k', 'm1'), choose(upstreams, 'k', 'm3'), choose(upstreams, 'k', 'm9')]).toEqual([
    'a',
    'b',
    'any',
  ])
  expect(choose([{ name: 'a', models: ['m1'] }], 'k', 'm9')).toBeUndefined()
})

it('the API decides, also below its path', () => {
  const upstreams = [{ name: 'openai' }, { name: 'anthropic', dialects: ['messages'] as const }]
  expect(choose(upstreams, 'k', 'm', '/v1/messages')).toBe('anthropic')
  expect(choose(upstreams, 'k', 'm', '/v1/messages/count_tokens?beta=true')).toBe('anthropic')
  expect(choose(upstreams, 'k', 'm')).toBe('openai')
})

it('a key stays where it is when an upstream comes, unless it goes to that one', () => {
  const keys = Array.from({ length: 500 }, (_, at) => `rollout-${at}`)
  const three = ['a', 'b', 'c'].map((name) => ({ name }))
  const four = [...three, { name: 'd' }]
  const moved = keys.filter((key) => choose(three, key) !== choose(four, key))
  expect(moved.every((key) => choose(four, key) === 'd')).toBe(true)
  expect(moved.length).toBeGreaterThan(75)
  expect(moved.length).toBeLessThan(175)
})

it('a refusal counts for one API and one kind of reply', () => {
  const upstream = makeUpstream({ name: 'a', url: 'http://h:1' })
  noteRefusal(upstream, 'chat', true, ['return_token_ids'])
  expect(refusedBy(upstream, 'chat', true)).toEqual(['return_token_ids'])
  expect([refusedBy(upstream, 'chat', false), refusedBy(upstream, 'completions', true)]).toEqual([[], []])
})

it('a configured server without ids is asked for none', () => {
  expect(makeUpstream({ name: 'a', url: 'http://h:1', backend: 'ollama' }).backend).toBe('openai')
  expect(makeUpstream({ name: 'a', url: 'http://h:1', backend: 'sglang' }).backend).toBe('sglang')
  expect(makeUpstream({ name: 'a', url: 'http://h:1' }).backend).toBeUndefined()
})
