import { describe, expect, it } from 'vitest'
import { Random } from '../../otlp/scan/fixtures/random.ts'
import { cutPlain } from './cut-plain.ts'
import { cutRulesFor } from './rules/cut-rules-for.ts'
import { StreamCutter } from './stream-cutter.ts'
import { chunksOf, writeStream } from './testing/event-text.ts'
import { plainCases } from './testing/plain-cases.ts'
import { type StreamCase, streamCases } from './testing/stream-cases.ts'
import { lines, spacings, write } from './testing/twin.ts'
import type { CutRules } from './types.ts'

const REPLIES = 1000

function rulesOf(one: Pick<StreamCase, 'backend' | 'dialect' | 'streamed' | 'added' | 'request'>): CutRules {
  const rules = cutRulesFor(one.backend, one.dialect, one)
  if (rules === undefined) throw new Error('no rules')
  return rules
}

function cutStream(rules: CutRules, chunks: readonly Uint8Array[]): string {
  const cutter = new StreamCutter(rules)
  return Buffer.concat([...chunks.flatMap((chunk) => cutter.push(chunk)), ...cutter.end()]).toString()
}

describe('A reply through the cutter equals the one that the server sends unasked', () => {
  it.each(plainCases)('$name', (one) => {
    const rules = rulesOf(one)
    for (let seed = 0; seed < REPLIES; seed++) {
      const random = new Random(seed)
      const reply = one.make(random)
      const spacing = random.pick([...spacings, lines])
      const flagged = Buffer.from(write(reply, 'flagged', spacing) as string)
      const cut = Buffer.concat(cutPlain(flagged, rules)).toString()
      expect(cut, `seed ${seed}: ${flagged}`).toBe(write(reply, 'direct', spacing))
    }
  })
})

describe('A stream through the cutter equals the one that the server sends unasked', () => {
  it.each(streamCases)('$name', (one) => {
    const rules = rulesOf(one)
    for (let seed = 0; seed < REPLIES; seed++) {
      const random = new Random(seed)
      const { flagged, direct } = writeStream(random, one.make(random))
      const cut = cutStream(rules, chunksOf(random, flagged))
      expect(cut, `seed ${seed}: ${flagged}`).toBe(direct.toString())
    }
  })

  it.each(streamCases)('$name: cut in two at every byte, and byte by byte', (one) => {
    const rules = rulesOf(one)
    for (let seed = 0; seed < 2; seed++) {
      const random = new Random(seed)
      const { flagged, direct } = writeStream(random, one.make(random))
      for (let at = 0; at <= flagged.length; at++) {
        const cut = cutStream(rules, [flagged.subarray(0, at), flagged.subarray(at)])
        if (cut !== direct.toString()) expect(cut, `seed ${seed}, border ${at}`).toBe(direct.toString())
      }
      const single = Array.from(flagged, (_, at) => flagged.subarray(at, at + 1))
      expect(cutStream(rules, single)).toBe(direct.toString())
    }
  })
})
