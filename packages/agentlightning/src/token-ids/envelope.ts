// What a reply says beside its lists: its id, model, counts, the choices there are and why each ended.
import { countOf, describe, type JsonObject, listOf, objectOf, textOf } from './json.ts'
import type { Problems } from './problems.ts'
import type { ReplyPart } from './shapes/shape.ts'
import type { ReportedUsage } from './types.ts'
import { usageOf } from './usage.ts'

/** Types of the events that end a stream of the Responses and the Messages API. */
const endTypes: ReadonlySet<unknown> = new Set([
  'response.completed',
  'response.incomplete',
  'response.failed',
  'message_stop',
])

/** Gathers the facts of a reply over its parts. */
export class Envelope {
  readonly #problems: Problems
  responseId: string | undefined
  model: string | undefined
  usage: ReportedUsage | undefined
  weightVersion: string | undefined
  /** By choice; `undefined` for one that has not ended. */
  readonly reasons = new Map<number, string | undefined>()
  /** A frame said that there is nothing after it. */
  ended = false
  /** The server reported an error in place of a reply or of its rest. */
  failed = false

  constructor(problems: Problems) {
    this.#problems = problems
  }

  read(part: ReplyPart): void {
    const { object } = part
    const meta = objectOf(object.meta_info)
    this.responseId ??= textOf(object.id) ?? textOf(meta?.id)
    this.model ??= textOf(object.model)
    this.weightVersion ??= textOf(objectOf(object.metadata)?.weight_version) ?? textOf(meta?.weight_version)
    const usage = usageOf(object)
    if (usage) this.usage = { ...this.usage, ...usage }
    this.#readChoices(part)
    this.#readError(object)
    if (isLast(object)) this.ended = true
  }

  /** What a frame says as an event, apart from the reply in it. */
  readEvent(frame: JsonObject): void {
    if (endTypes.has(frame.type)) this.ended = true
    if (frame.type === 'error' && frame.error === undefined) this.#fail(frame)
  }

  /** Whether every choice that was seen has a finish reason. */
  get allEnded(): boolean {
    return this.reasons.size > 0 && [...this.reasons.values()].every((reason) => reason !== undefined)
  }

  #readChoices({ object, choices, choice }: ReplyPart): void {
    const said = object.choices
    if (said !== undefined && said !== null && !Array.isArray(said))
      this.#problems.add(`choices: expected a list, got ${describe(said)}`)
    for (const [at, item] of listOf(said).entries())
      if (!objectOf(item)) this.#problems.add(`choices[${at}]: expected an object, got ${describe(item)}`)
    for (const { index, object: entry } of choices) this.#end(index, textOf(entry.finish_reason))
    if (choices.length === 0 && isChoice(object)) this.#end(choice, nativeReason(object))
  }

  #end(choice: number, reason: string | undefined): void {
    this.reasons.set(choice, reason ?? this.reasons.get(choice))
  }

  #readError(object: JsonObject): void {
    const error = object.error ?? (object.object === 'error' ? object : undefined)
    if (error !== undefined && error !== null) this.#fail(error)
  }

  #fail(error: unknown): void {
    this.failed = true
    const text = typeof error === 'string' ? error : textOf(objectOf(error)?.message)
    this.#problems.add(`error: ${(text ?? 'the server gives no reason').slice(0, 300)}`)
  }
}

/** Whether a reply without `choices` is one itself, rather than an error or a frame of another kind. */
function isChoice(object: JsonObject): boolean {
  return (
    object.type === 'message' ||
    object.type === 'message_delta' ||
    object.object === 'response' ||
    Array.isArray(object.output) ||
    Array.isArray(object.output_ids) ||
    objectOf(object.meta_info) !== undefined ||
    typeof object.generated_text === 'string' ||
    (typeof object.content === 'string' && object.role === undefined)
  )
}

/** Why a reply without `choices` ended. */
function nativeReason(object: JsonObject): string | undefined {
  const ofSglang = objectOf(object.meta_info)?.finish_reason
  const status = textOf(object.status)
  const stopType = textOf(object.stop_type)
  return (
    textOf(object.stop_reason) ??
    textOf(objectOf(object.delta)?.stop_reason) ??
    textOf(objectOf(ofSglang)?.type) ??
    textOf(ofSglang) ??
    textOf(objectOf(object.details)?.finish_reason) ??
    textOf(objectOf(object.incomplete_details)?.reason) ??
    (status === 'in_progress' || status === 'queued' ? undefined : status) ??
    (stopType === 'none' ? undefined : stopType) ??
    textOf(object.done_reason)
  )
}

/** The last frame of llama.cpp's, TGI's and Ollama's streams. */
function isLast(object: JsonObject): boolean {
  return (
    (object.stop === true && typeof object.content === 'string') ||
    typeof object.generated_text === 'string' ||
    object.done === true
  )
}

/** The choice that a frame or list element without `choices` belongs to: llama.cpp and SGLang number them. */
export function choiceOf(object: JsonObject): number | undefined {
  const isNumbered = typeof object.content === 'string' || objectOf(object.meta_info) !== undefined
  return isNumbered ? countOf(object.index) : undefined
}
