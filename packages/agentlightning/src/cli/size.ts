// Sizes as people write them.

const powers = ['', 'k', 'm', 'g', 't']

/** Bytes of `10GB`, `1.5 GiB`, `500mb`, `4096`; powers of 1000, with an `i` of 1024. Undefined for others. */
export function parseSize(text: string): number | undefined {
  const [, digits, power, binary] = /^(\d+(?:\.\d+)?)\s*([kmgt]?)(i?)b?$/i.exec(text.trim()) ?? []
  if (digits === undefined || (binary && !power)) return undefined
  const base = binary ? 1024 : 1000
  return Math.round(Number(digits) * base ** powers.indexOf((power ?? '').toLowerCase()))
}

/** `12 B`, `3.4 MB`, `10 GB`: powers of 1000, at most three digits. */
export function formatSize(bytes: number): string {
  let value = bytes
  for (const unit of ['B', 'kB', 'MB', 'GB']) {
    if (Math.abs(value) < 999.5) return `${round(value)} ${unit}`
    value /= 1000
  }
  return `${round(value)} TB`
}

function round(value: number): string {
  return Number(value.toPrecision(Math.abs(value) < 100 ? 2 : 3)).toString()
}
