import { expect, test } from 'vitest'
import { clientEnv } from '../../../agentlightning/src/manager/client-env.ts'
import { type Client, settingsFor } from './settings.ts'

const origin = 'http://localhost:8002'
const linesOf = (client: Client, key: string) =>
  settingsFor(client, origin, key)
    .map(({ lines }) => lines)
    .join('\n')

test.each([undefined, 'my/secret key'])(
  'the settings shown are those that the manager hands out, key %s',
  (apiKey) => {
    const env = clientEnv({ url: origin, config: { apiKey } }, {})
    const shown = ['python', 'opentelemetry']
      .map((client) => linesOf(client as Client, apiKey ?? ''))
      .join('\n')
    for (const [name, value] of Object.entries(env)) expect(shown).toContain(`export ${name}=${value}`)
  },
)

test('the JavaScript program names key, API and exporter', () => {
  const lines = linesOf('javascript', '')
  expect(lines).toContain(`apiEndpoint: '${origin}'`)
  expect(lines).toContain(`otlpEndpoint: '${origin}'`)
  expect(lines).toContain("apiKey: '00000000-0000-0000-0000-000000000000'")
})
