// Writes members into a JSON request as bytes, behind everything that the client wrote: whatever the server says of
// an offset in the client's text stays true.
import { JsonBytes, OBJECT } from './json-bytes.ts'
import type { InsertedMember } from './types.ts'

/** Where members can be written into an object, and which of the wanted ones it has. */
interface Place {
  /** Behind its last member, or behind its brace. */
  at: number
  empty: boolean
  readonly names: Set<string>
}

/**
 * The body with `members` written into it, as parts that share its bytes. A member that the client wrote itself
 * stays as it is. `undefined` when the body must go as it is: not one JSON object, nothing left to write, or no
 * object where one is to be written into.
 */
export function insertMembers(
  body: Uint8Array,
  members: readonly InsertedMember[],
): Uint8Array[] | undefined {
  const json = new JsonBytes(body)
  if (json.byte() !== OBJECT) return undefined
  const within = new Set(members.flatMap((member) => (member.within === undefined ? [] : [member.within])))
  const places = new Map<string | undefined, Place>()
  const root = findPlace(json, (name) => {
    if (!within.has(name) || json.byte() !== OBJECT) return json.skip()
    const place = findPlace(json, () => json.skip())
    // Written twice: which one counts is the server's secret.
    if (place === undefined || places.has(name)) return false
    places.set(name, place)
    return true
  })
  if (root === undefined || !json.atEnd()) return undefined
  for (const name of within) if (root.names.has(name) && !places.has(name)) return undefined
  places.set(undefined, root)
  const texts = new Map<Place, string[]>()
  const fresh = new Map<string, string[]>()
  for (const { name, json: value, within: parent } of members) {
    const place = places.get(parent)
    const text = `${JSON.stringify(name)}:${value}`
    if (place === undefined) append(fresh, parent as string, text)
    else if (!place.names.has(name)) append(texts, place, text)
  }
  for (const [parent, inner] of fresh) append(texts, root, `${JSON.stringify(parent)}:{${inner.join(',')}}`)
  return texts.size === 0 ? undefined : spliced(body, texts)
}

// At the brace of an object; moves over it. `pass` moves over the value of a member, or answers false.
function findPlace(json: JsonBytes, pass: (name: string) => boolean): Place | undefined {
  const place: Place = { at: json.pos + 1, empty: true, names: new Set() }
  let state = json.enter()
  while (state === 1) {
    if (!json.key()) return undefined
    const name = json.keyText()
    place.names.add(name)
    if (!pass(name)) return undefined
    place.at = json.pos
    place.empty = false
    state = json.more(OBJECT)
  }
  return state === 0 ? place : undefined
}

function append<Key>(lists: Map<Key, string[]>, key: Key, text: string): void {
  const list = lists.get(key)
  if (list === undefined) lists.set(key, [text])
  else list.push(text)
}

function spliced(body: Uint8Array, texts: ReadonlyMap<Place, readonly string[]>): Uint8Array[] {
  const parts: Uint8Array[] = []
  let from = 0
  for (const [place, list] of [...texts].sort(([a], [b]) => a.at - b.at)) {
    parts.push(body.subarray(from, place.at), Buffer.from(`${place.empty ? '' : ','}${list.join(',')}`))
    from = place.at
  }
  parts.push(body.subarray(from))
  return parts
}
