import { expect, test } from 'vitest'
import { planUpstreams } from './upstreams.ts'

const bare = { url: 'http://localhost:8002', hasUpstreams: false }
const both = ['openai', 'anthropic']

test('without anything said, calls go where clients send them by themselves', () => {
  const upstreams = { openai: 'https://api.openai.com/v1', anthropic: 'https://api.anthropic.com' }
  expect(planUpstreams([], {}, bare)).toEqual({ upstreams, through: both, notes: [] })
})

test('a server with upstreams serves the API of OpenAI where nothing else is said', () => {
  const { upstreams } = planUpstreams([], {}, { ...bare, hasUpstreams: true })
  expect(upstreams).toEqual({ anthropic: 'https://api.anthropic.com' })
})

test('flags win over the environment, and of its variables the newer name', () => {
  const env = {
    OPENAI_BASE_URL: ' http://new/v1 ',
    OPENAI_API_BASE: 'http://old/v1',
    ANTHROPIC_API_BASE: 'http://claude',
  }
  expect(planUpstreams([], env, bare).upstreams).toEqual({
    openai: 'http://new/v1',
    anthropic: 'http://claude',
  })
  const flags = ['http://flag/v1', 'anthropic=http://flag']
  expect(planUpstreams(flags, env, bare).upstreams).toEqual({
    openai: 'http://flag/v1',
    anthropic: 'http://flag',
  })
  expect(planUpstreams(['openai=http://f/v1'], env, bare).upstreams.openai).toBe('http://f/v1')
})

test('the gateway of an outer run is no upstream: what is behind it is', () => {
  const env = {
    OPENAI_BASE_URL: 'http://127.0.0.1:8002/gateway/r/outer/v1',
    AGL_OPENAI_UPSTREAM: 'http://gpu:8000/v1',
  }
  expect(planUpstreams([], env, bare).upstreams.openai).toBe('http://gpu:8000/v1')
  const plain = { OPENAI_BASE_URL: 'http://localhost:8002/gateway/v1' }
  expect(planUpstreams([], plain, bare)).toMatchObject({ upstreams: {}, through: both })
})

test('a program that speaks to Azure gets no OPENAI_BASE_URL, unless an upstream is named', () => {
  for (const name of ['AZURE_OPENAI_ENDPOINT', 'AZURE_OPENAI_API_KEY', 'AZURE_OPENAI_AD_TOKEN']) {
    const plan = planUpstreams([], { [name]: 'x' }, bare)
    expect(plan.through).toEqual(['anthropic'])
    expect(plan.notes).toEqual([
      expect.stringContaining(`OPENAI_BASE_URL is left unset, since ${name} is set`),
    ])
    expect(planUpstreams(['http://gpu/v1'], { [name]: 'x' }, bare)).toMatchObject({
      through: both,
      notes: [],
    })
    expect(planUpstreams([], { [name]: 'x', OPENAI_BASE_URL: 'http://gpu/v1' }, bare).through).toEqual(both)
    expect(planUpstreams([], { [name]: 'x' }, { ...bare, hasUpstreams: true }).through).toEqual(both)
  }
})

test('an address that says already whose calls they are stays', () => {
  const env = { OPENAI_BASE_URL: 'http://localhost:8002/rollout/r/attempt/0/v1' }
  expect(planUpstreams([], env, bare)).toMatchObject({ through: ['anthropic'], notes: [] })
})

test('a URL that the gateway cannot take stays, and it is said without showing it', () => {
  const env = { OPENAI_BASE_URL: 'https://u:secret@host/v1' }
  const { through, notes, upstreams } = planUpstreams([], env, bare)
  expect(through).toEqual(['anthropic'])
  expect(upstreams).not.toHaveProperty('openai')
  expect(notes).toEqual([expect.stringMatching(/^OPENAI_BASE_URL stays as it is: /)])
  expect(notes.join()).not.toContain('secret')
})

test('a flag that is no URL is refused', () => {
  for (const flag of ['x', 'openai=', 'azure=http://x', 'http://x/v1?key=1'])
    expect(() => planUpstreams([flag], {}, bare), flag).toThrow(/is not understood/)
})
