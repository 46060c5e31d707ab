// Which rows of the tree are folded: those named, or all but those named. Pure.

/** Folded rows, by the beginnings of their span ids. */
export interface Folds {
  /** True where the named ones are the open ones. */
  readonly all: boolean
  readonly named: ReadonlySet<string>
}

export const noFolds: Folds = { all: false, named: new Set() }
export const allFolds: Folds = { all: true, named: new Set() }

/** Hex digits by which an address names a span: two of one trace have the same ones once in a million traces. */
const DIGITS = 10
/** What an address can carry; the oldest give way. */
const MOST = 300

export function isFolded({ all, named }: Folds, spanId: string): boolean {
  return named.has(spanId.slice(0, DIGITS)) !== all
}

/** The folds with some rows folded or opened. */
export function withFolded(folds: Folds, spanIds: readonly string[], folded: boolean): Folds {
  const named = new Set(folds.named)
  for (const id of spanIds) {
    const short = id.slice(0, DIGITS)
    if (folded !== folds.all) named.add(short)
    else named.delete(short)
  }
  return { all: folds.all, named }
}

/** As the address says it: `ab12…,cd34…`, with `all` in front where these are open; empty for none. */
export function formatFolds({ all, named }: Folds): string {
  return [...(all ? ['all'] : []), ...[...named].slice(-MOST)].join(',')
}

/** Reads what `formatFolds` wrote; what is no span id is left out. */
export function parseFolds(text: string): Folds {
  const [first, ...rest] = text.split(',')
  const all = first === 'all'
  const ids = all ? rest : [first ?? '', ...rest]
  return { all, named: new Set(ids.filter((id) => /^[0-9a-f]{10}$/.test(id))) }
}
