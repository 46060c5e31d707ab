// Replacing a method of a class that is not ours, and putting it back.

/** A method of which nothing is known. */
export type Method = (this: unknown, ...args: unknown[]) => unknown

/** Something that the hooks changed. */
export interface Patch {
  undo(): void
}

/**
 * Replaces a method on a prototype by what `wrap` makes of it; undefined when there is no such method. Undoing it
 * leaves the method of whoever replaced it after us, which then calls the original through ours.
 */
export function patchMethod(
  prototype: object,
  name: string,
  wrap: (original: Method) => Method,
): Patch | undefined {
  const descriptor = Object.getOwnPropertyDescriptor(prototype, name)
  const original = descriptor?.value as Method | undefined
  if (typeof original !== 'function' || !descriptor?.configurable) return undefined
  const wrapped = wrap(original)
  let active = true
  const value = function (this: unknown, ...args: unknown[]): unknown {
    return (active ? wrapped : original).apply(this, args)
  }
  Object.defineProperty(value, 'name', { value: name, configurable: true })
  Object.defineProperty(value, 'length', { value: original.length, configurable: true })
  Object.defineProperty(prototype, name, { ...descriptor, value })
  return {
    undo() {
      active = false
      if (Object.getOwnPropertyDescriptor(prototype, name)?.value === value)
        Object.defineProperty(prototype, name, descriptor)
    },
  }
}

/** The prototype of a class; undefined for anything else. */
export function prototypeOf(value: unknown): object | undefined {
  const prototype: unknown = typeof value === 'function' ? value.prototype : undefined
  return typeof prototype === 'object' && prototype !== null ? prototype : undefined
}

/** The prototype of a class, or of one that it extends, that has a method of its own by this name. */
export function prototypeWith(value: unknown, method: string): object | undefined {
  for (let at = prototypeOf(value); at; at = Object.getPrototypeOf(at) ?? undefined)
    if (Object.hasOwn(at, method)) return at
  return undefined
}
