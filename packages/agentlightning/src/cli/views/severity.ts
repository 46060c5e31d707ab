// The names of severities (logs.proto `SeverityNumber`): six, in four steps each.

/** A severity in one word. */
export type SeverityWord = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | ''

const words: readonly SeverityWord[] = ['trace', 'debug', 'info', 'warn', 'error', 'fatal']

/** The word of a SeverityNumber; empty for 0, which says nothing. */
export function severityWord(number: number): SeverityWord {
  return number < 1 ? '' : (words[Math.min(5, Math.floor((number - 1) / 4))] ?? '')
}
