// What a call said and was told, in one form whatever dialect recorded it.

/** A piece of a message. JSON is text as it was sent: nothing is lost by reading it. */
export type Part =
  | { readonly type: 'text' | 'reasoning'; readonly text: string }
  | {
      readonly type: 'toolCall'
      readonly id?: string
      readonly name: string
      /** JSON text, or whatever text the model wrote instead. */
      readonly arguments: string
    }
  | { readonly type: 'toolResult'; readonly id?: string; readonly text: string }
  /** An image, a sound or a file: `text` is its address, or says how large it is. */
  | { readonly type: 'media'; readonly mediaType: string; readonly text: string }
  /** Structured content that is none of the above. */
  | { readonly type: 'json'; readonly text: string }

/** One message. */
export interface Message {
  /** `system`, `user`, `assistant`, `tool`, …; `input` and `output` where the span names no role. */
  readonly role: string
  readonly parts: readonly Part[]
  readonly finishReason?: string
}

/** A tool that the model was offered. */
export interface ToolDefinition {
  readonly name: string
  readonly description?: string
  /** JSON Schema as text. */
  readonly parameters?: string
}

/** The messages of one span. */
export interface Conversation {
  readonly input: readonly Message[]
  readonly output: readonly Message[]
  readonly tools: readonly ToolDefinition[]
  /** The attributes or events that each side was read from, for people. */
  readonly inputFrom?: string
  readonly outputFrom?: string
}
