import { describeLegacy } from './legacy-suite.ts'

await describeLegacy({
  version: '0.3.26',
  spans: [
    'action:add',
    'action:add',
    'action:add later',
    'action:free text',
    'action:ping',
    'agent:Ada',
    'error:Custom',
    'error:KeyError',
    'error:ValueError',
    'llm:echo-1-2026',
    'llm:echo-1-2026',
    'llm:echo-1-2026',
    'llm:hand-1',
    'session',
    'tool:look up',
    'tool:search',
  ],
  sessions: [
    ['Fail', 'client-test', 'one', 'python'],
    ['Indeterminate', 'replaced'],
    ['Success', 'client-test', 'python'],
  ],
  routes: ['/v2/create_agent', '/v2/create_events', '/v2/create_session', '/v2/update_session'],
  // It asks for its newest version when it is imported.
  hardCoded: ['pypi.org:443'],
  ownWarnings: [/record_function has been replaced with record_action/],
})
