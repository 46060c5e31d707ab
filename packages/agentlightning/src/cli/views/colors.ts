// Colours, on or off as the caller says: nothing here looks at the terminal or the environment.
import { styleText } from 'node:util'

type Format = Parameters<typeof styleText>[0]

/** Colours by what they mean. Each gives its text unchanged when colours are off. */
export interface Paint {
  readonly strong: (text: string) => string
  readonly dim: (text: string) => string
  readonly error: (text: string) => string
  readonly warn: (text: string) => string
  readonly accent: (text: string) => string
  readonly llm: (text: string) => string
  readonly agent: (text: string) => string
  readonly tool: (text: string) => string
  readonly retrieval: (text: string) => string
}

/** How a view is to be drawn. */
export interface Look {
  /** Columns of the terminal; nothing drawn is wider. Below 40 counts as 40. */
  readonly width: number
  readonly color: boolean
}

/** Narrower than this nothing useful can be drawn. */
export const MIN_WIDTH = 40

/** Columns to draw in. */
export function columnsOf(look: Look): number {
  return Math.max(MIN_WIDTH, Math.floor(look.width) || MIN_WIDTH)
}

/** The colours, or none. */
export function createPaint(color: boolean): Paint {
  const style =
    (format: Format) =>
    (text: string): string =>
      color && text.trim() !== '' ? styleText(format, text, { validateStream: false }) : text
  return {
    strong: style('bold'),
    dim: style('dim'),
    error: style('red'),
    warn: style('yellow'),
    accent: style('cyan'),
    llm: style('blue'),
    agent: style('magenta'),
    tool: style('green'),
    retrieval: style('cyan'),
  }
}
