// What the doctor says: one finding per fact, in one sentence, with what to do about it.

import type { VerdictCode } from '../token-ids/index.ts'
import { type FindingEntry, findingTable, type OwnCode } from './codes.ts'

/** How bad it is: `ok` and `info` need nothing, `warn` loses something, `error` loses everything of its kind. */
export type Level = 'ok' | 'info' | 'warn' | 'error'

/** Every code of a finding: the doctor's own, and those of verdicts on calls. */
export type FindingCode = OwnCode | VerdictCode

/** A trace, or a span in it. */
export interface Place {
  readonly traceId: string
  readonly spanId?: string
}

/** One finding. */
export interface Finding {
  readonly code: FindingCode
  readonly level: Level
  /** What it is about: `server`, a variable, a package, a trace. */
  readonly subject: string
  readonly sentence: string
  /** What to do about it; empty when there is nothing to do. */
  readonly todo: string
  /** Page and anchor of the documentation. */
  readonly docs: string
  /** How many things of this kind there are. */
  readonly count?: number
  /** Ids or texts of some of them. */
  readonly examples?: readonly string[]
  /** Where the dashboard shows each of the examples, in their order. */
  readonly places?: readonly Place[]
  /** When the newest of them came, ms since the epoch. */
  readonly lastMs?: number
}

/** What fills the braces of a sentence. */
export type Details = Readonly<Record<string, string | number>>

/** A finding of the table; `more` replaces or adds members. */
export function finding(
  code: OwnCode,
  subject: string,
  details: Details = {},
  more: Partial<Pick<Finding, 'level' | 'todo' | 'count' | 'examples' | 'places' | 'lastMs'>> = {},
): Finding {
  const entry: FindingEntry = findingTable[code]
  return {
    code,
    level: entry.level,
    subject,
    sentence: fill(entry.sentence, details),
    todo: fill(entry.todo, details),
    docs: docsOf(code),
    ...more,
  }
}

/** Where a code is documented. */
export function docsOf(code: FindingCode): string {
  return `docs/doctor.md#${code.replaceAll('.', '')}`
}

const ranks: Readonly<Record<Level, number>> = { error: 0, warn: 1, info: 2, ok: 3 }

/** The worst first, else in the order given. */
export function worstFirst(findings: readonly Finding[]): Finding[] {
  return [...findings].sort((one, other) => ranks[one.level] - ranks[other.level])
}

function fill(template: string, details: Details): string {
  return template.replaceAll(/\{(\w+)\}/g, (_, name: string) => String(details[name] ?? ''))
}
