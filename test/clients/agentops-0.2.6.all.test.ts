import { describeLegacy } from './legacy-suite.ts'

await describeLegacy({
  version: '0.2.6',
  spans: [
    'action:add',
    'action:add',
    'action:add later',
    'action:broken',
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
    'tool:search',
  ],
  sessions: [
    ['Fail', 'replaced'],
    // Its tags live in the client: the inherited session is updated with the last ones set.
    ['Success', 'replaced'],
  ],
  routes: [
    '/v2/create_agent',
    '/v2/create_events',
    '/v2/create_session',
    '/v2/reauthorize_jwt',
    '/v2/update_session',
  ],
  // Every exception of the program is reported to its authors.
  hardCoded: ['api.agentops.ai:443'],
  ownWarnings: [/Error: no luck: as planned/],
})
