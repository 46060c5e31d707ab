// Field names of OTLP/JSON. The specification has lowerCamelCase; the protobuf mapping also reads the
// names of the .proto files, and some exporters send those.

import type { JsonCursor } from './json-cursor.ts'
import { jsonText } from './json-text.ts'
import { createKeyTable } from './key-table.ts'
import type { KeyTable } from './span-view.ts'

/** The fields of one message, each known by both of its names. */
export function jsonFields<Field extends string>(...names: readonly Field[]): KeyTable<Field> {
  const entries: [string, Field][] = []
  for (const name of names) {
    entries.push([name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`), name], [name, name])
  }
  return createKeyTable(entries)
}

/** What `table` holds for the key or string that the cursor read last, escaped or not. */
export function matchJson<Entry>(table: KeyTable<Entry>, cursor: JsonCursor): Entry | undefined {
  const { body, start, end } = cursor
  if (!cursor.escaped) return table.match(body, start, end)
  const key = Buffer.from(jsonText(body, start, end))
  return table.match(key, 0, key.length)
}
