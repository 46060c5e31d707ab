import { expect, test } from 'vitest'
import { redacted } from './redact.ts'

const jwt = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abcDEF-_123'

test.each([
  ['{"api_key": "11111111-2222", "name": "a"}', '{"api_key": "(removed)", "name": "a"}'],
  ['{"apiKey":"x\\"y","n":1}', '{"apiKey":"(removed)","n":1}'],
  ['{"X-Agentops-Api-Key":"abc"}', '{"X-Agentops-Api-Key":"(removed)"}'],
  [
    '{"parent_key":"abc","client_secret":"s","password":"p"}',
    '{"parent_key":"(removed)","client_secret":"(removed)","password":"(removed)"}',
  ],
  ['{"api_key":"cut of', '{"api_key":"(removed)"'],
  ['{"api_key":"cut at an escape\\', '{"api_key":"(removed)"'],
  [`{"note":"${jwt}"}`, '{"note":"(removed)"}'],
  [`{"note":"${jwt.slice(0, 30)}`, '{"note":"(removed)'],
  ['/v2/x?api_key=abc&limit=3', '/v2/x?api_key=(removed)&limit=3'],
  ['a=1&token=abc', 'a=1&token=(removed)'],
  ['Authorization: Bearer abc.def', 'Authorization: (removed) (removed)'],
  ['say Bearer abc', 'say Bearer (removed)'],
  ['the key sk-abcdefghijkl is out', 'the key (removed) is out'],
])('%s', (text, shown) => {
  expect(redacted(text)).toBe(shown)
})

test.each([
  '{"max_tokens":16,"prompt_tokens":"3","token_cost":"0.01"}',
  '{"name":"a key"}',
  'sessions?limit=3',
  '',
])('%s holds no secret', (text) => {
  expect(redacted(text)).toBe(text)
})

test('long text that nearly matches takes no long time', () => {
  const started = performance.now()
  for (const text of [
    '"api_key"'.repeat(500),
    'a-'.repeat(4000),
    `"${'token'.repeat(800)}"`,
    `"k":"${'\\'.repeat(4000)}`,
  ]) {
    redacted(text)
  }
  expect(performance.now() - started).toBeLessThan(10_000)
})
