// Puts a choice together from the pieces of a stream; a plain reply is a stream of one piece.

/** A call of a tool. */
export interface AssembledToolCall {
  readonly id?: string
  readonly type: 'function'
  /** `arguments` as the model wrote them: text that should be JSON. */
  readonly function: { readonly name: string; readonly arguments: string }
}

/** A message in the form of chat completions, whichever API it came from. */
export interface AssembledMessage {
  readonly role: string
  readonly content: string | null
  readonly reasoning?: string
  readonly refusal?: string
  readonly tool_calls?: readonly AssembledToolCall[]
}

/** One choice: a message, or the text of a completion. */
export interface AssembledChoice {
  readonly index: number
  readonly message?: AssembledMessage
  readonly text?: string
  readonly finishReason?: string
}

interface GrowingCall {
  id: string | undefined
  name: string
  arguments: string
}

/** The parts of a message that are plain text. */
export type TextPart = 'content' | 'reasoning' | 'refusal' | 'text'

/** One choice in the making. */
export class ChoiceBuilder {
  readonly #index: number
  readonly #texts = new Map<TextPart, string>()
  readonly #calls = new Map<string | number, GrowingCall>()
  #lastCall: string | number | undefined
  role: string | undefined
  finishReason: string | undefined

  constructor(index: number) {
    this.#index = index
  }

  /** Appends to a part; what is no text says nothing. */
  append(part: TextPart, piece: unknown): void {
    if (typeof piece === 'string') this.#texts.set(part, (this.#texts.get(part) ?? '') + piece)
  }

  /** Replaces a part. */
  set(part: TextPart, text: string): void {
    this.#texts.set(part, text)
  }

  /** Forgets everything: the whole message follows. */
  clear(): void {
    this.#texts.clear()
    this.#calls.clear()
  }

  /** Adds to the tool call of this key; the first one of a key begins it. */
  call(key: string | number, piece: { id?: unknown; name?: unknown; arguments?: unknown }): void {
    const call = this.#calls.get(key) ?? { id: undefined, name: '', arguments: '' }
    if (typeof piece.id === 'string' && piece.id !== '') call.id ??= piece.id
    if (typeof piece.name === 'string') call.name += piece.name
    if (typeof piece.arguments === 'string') call.arguments += piece.arguments
    else if (piece.arguments !== undefined && piece.arguments !== null)
      call.arguments = JSON.stringify(piece.arguments)
    this.#calls.set(key, call)
    this.#lastCall = key
  }

  /** The key of the call that was added to last, and the number of calls. */
  get calls(): { readonly last: string | number | undefined; readonly count: number } {
    return { last: this.#lastCall, count: this.#calls.size }
  }

  result(): AssembledChoice {
    const text = this.#texts.get('text')
    const isText = text !== undefined && this.role === undefined
    return {
      index: this.#index,
      ...(isText ? { text } : { message: this.#message() }),
      ...(this.finishReason === undefined ? {} : { finishReason: this.finishReason }),
    }
  }

  #message(): AssembledMessage {
    const [reasoning, refusal] = [this.#texts.get('reasoning'), this.#texts.get('refusal')]
    const calls = [...this.#calls.values()].map(
      (call): AssembledToolCall => ({
        ...(call.id === undefined ? {} : { id: call.id }),
        type: 'function',
        function: { name: call.name, arguments: call.arguments },
      }),
    )
    return {
      role: this.role ?? 'assistant',
      content: this.#texts.get('content') || (calls.length > 0 || refusal ? null : ''),
      ...(reasoning ? { reasoning } : {}),
      ...(refusal ? { refusal } : {}),
      ...(calls.length > 0 ? { tool_calls: calls } : {}),
    }
  }
}

/** The choices of a reply, by index. */
export class Choices {
  readonly #builders = new Map<number, ChoiceBuilder>()

  of(index: number): ChoiceBuilder {
    const builder = this.#builders.get(index) ?? new ChoiceBuilder(index)
    this.#builders.set(index, builder)
    return builder
  }

  result(): AssembledChoice[] {
    return [...this.#builders.entries()].sort(([a], [b]) => a - b).map(([, builder]) => builder.result())
  }
}
