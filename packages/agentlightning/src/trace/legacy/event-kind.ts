// What a legacy event is. Its `event_type` cannot be trusted: it is the first positional argument of the event
// classes, so programs put texts of their own there, and before 0.1 it was free text by design.
import { type JsonObject, textOf } from './values.ts'

/** The kinds of events of AgentOps 0.1 to 0.3. */
export type EventKind = 'llms' | 'tools' | 'actions' | 'errors' | 'apis'

const kinds: ReadonlySet<string> = new Set<EventKind>(['llms', 'tools', 'actions', 'errors', 'apis'])

/** The kind of an event: its type where that is one, else what its fields tell. */
export function kindOfEvent(event: JsonObject): EventKind {
  const type = event.event_type
  if (typeof type === 'string' && kinds.has(type)) return type as EventKind
  // Before 0.1 every event had an `action_type`: `llm`, `api`, `action`, `screenshot`.
  if (event.action_type === 'llm' || given(event.model) || given(event.prompt) || given(event.completion))
    return 'llms'
  if (event.action_type === 'api') return 'apis'
  if (given(event.error_type) || given(event.details)) return 'errors'
  if (
    textOf(event.tool_name) !== undefined ||
    (textOf(event.name) !== undefined && !('action_type' in event))
  )
    return 'tools'
  return 'actions'
}

function given(value: unknown): boolean {
  return value !== undefined && value !== null && value !== ''
}
