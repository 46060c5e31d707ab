// What `agl calls export` gives of the calls of a test, and what it is to be by what the model server sent.
import { expect } from 'vitest'
import { runAgl } from '../support/agl.ts'
import type { Sent } from '../support/token-server.ts'

/** A line of an export. */
export interface Exported {
  readonly id: string
  readonly response_id: string | null
  readonly prompt_token_ids: number[] | null
  readonly choices: readonly { readonly index: number; readonly response_token_ids: number[] | null }[]
}

/** All calls of the server on a data directory. */
export async function exportedCalls(dataDir: string): Promise<Exported[]> {
  const { stdout, stderr, code } = await runAgl(['calls', 'export', '-', '--wait', '--data-dir', dataDir])
  expect(code, stderr).toBe(0)
  const lines = stdout.split('\n').filter(Boolean)
  return lines.map((line) => JSON.parse(line) as Exported)
}

/** The line of a reply has the prompt and the responses that the reply gave, and no others. */
export function expectSentIds(lines: readonly Exported[], { id, asked, tokens }: Sent): void {
  const line = lines.find(({ response_id }) => response_id === id)
  const byIndex = line?.choices.toSorted((one, other) => one.index - other.index) ?? []
  const got = byIndex.flatMap(({ response_token_ids }) => (response_token_ids ? [response_token_ids] : []))
  const prompt = tokens.promptTokenIds ?? tokens.choices[0]?.promptTokenIds
  const wanted = tokens.choices.flatMap(({ responseTokenIds }) =>
    responseTokenIds ? [[...responseTokenIds]] : [],
  )
  expect([line?.prompt_token_ids ?? undefined, got], asked).toEqual([prompt && [...prompt], wanted])
}
