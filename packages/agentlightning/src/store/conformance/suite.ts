// The conformance suite of stores: every promise of the contract, for any engine.
import { describe } from 'vitest'
import { describeCallHistories } from './call-histories.suite.ts'
import { describeCallLists } from './call-lists.suite.ts'
import { describeCalls } from './calls.suite.ts'
import { describeCommands } from './commands.suite.ts'
import type { OpenEngine } from './harness.ts'
import { describeHours } from './hours.suite.ts'
import { describeLists } from './lists.suite.ts'
import { describeProperties } from './property.suite.ts'
import { describeSignals } from './signals.suite.ts'
import { describeSpans } from './spans.suite.ts'
import { describeSummaries } from './summary.suite.ts'
import { describeTimeJoins } from './time-joins.suite.ts'
import { describeUsage } from './usage.suite.ts'

/** Holds an engine to the contract. */
export function describeStoreConformance(name: string, open: OpenEngine): void {
  describe(name, () => {
    describeSpans(open)
    describeUsage(open)
    describeSummaries(open)
    describeLists(open)
    describeCommands(open)
    describeHours(open)
    describeSignals(open)
    describeCalls(open)
    describeTimeJoins(open)
    describeCallLists(open)
    describeCallHistories(open)
    describeProperties(open)
  })
}
