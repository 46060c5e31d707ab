import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, it } from 'vitest'
import { targetAt, versionIn } from './targets.ts'

it.each([
  ['/app/node_modules/openai/client.js', 'OpenAI'],
  ['file:///app/node_modules/openai/client.mjs', 'OpenAI'],
  ['/app/node_modules/.pnpm/openai@7.0.0/node_modules/openai/client.mjs', 'OpenAI'],
  ['C:\\app\\node_modules\\openai\\core.js', 'APIClient'],
  ['/app/node_modules/agentops/dist/client.js', 'Client'],
  ['/app/node_modules/openai/index.mjs', 'OpenAI'],
  ['/app/node_modules/openai/dist/index.js', 'OpenAI'],
  ['/app/node_modules/openai/resources/index.js', undefined],
  ['/app/node_modules/openai/lib/client.js', undefined],
  ['/app/node_modules/@scope/openai/client.js', undefined],
  ['/app/openai/client.js', undefined],
])('%s holds %s', (place, exported) => {
  expect(targetAt(place)?.target.exported).toBe(exported)
})

it('reads the version beside a module, by path and by URL', () => {
  const folder = mkdtempSync(join(tmpdir(), 'agl-targets-'))
  try {
    const home = join(folder, 'node_modules', 'openai')
    mkdirSync(home, { recursive: true })
    writeFileSync(join(home, 'package.json'), '{"version":"7.1.2"}')
    const places = [join(home, 'client.js'), pathToFileURL(join(home, 'client.mjs')).href]
    expect(places.map((place) => versionIn(targetAt(place)?.folder ?? ''))).toEqual(['7.1.2', '7.1.2'])
    expect(versionIn(`${folder}/nothing/`)).toBeUndefined()
  } finally {
    rmSync(folder, { recursive: true })
  }
})
