// Any JSON as aligned lines for people, also members that this version does not know.
import { formatSize } from './size.ts'
import { cleanLine } from './views/text.ts'

const maxItems = 20

/** One line per value, nested objects indented beneath their name. Undefined members are left out. */
export function describe(value: Readonly<Record<string, unknown>>, indent = ''): string {
  const members = Object.entries(value).filter(([, member]) => member !== undefined)
  const width = Math.max(
    0,
    ...members.filter(([, member]) => isLeaf(member)).map(([name]) => words(name).length),
  )
  return members
    .map(([name, member]) => {
      if (isLeaf(member)) return `${indent}${words(name).padEnd(width)}  ${leaf(name, member)}`
      const inner = Array.isArray(member)
        ? list(member, `${indent}  `)
        : describe(member as object as Record<string, unknown>, `${indent}  `)
      return `${indent}${words(name)}\n${inner}`
    })
    .join('\n')
}

function list(items: readonly unknown[], indent: string): string {
  const lines = items
    .slice(0, maxItems)
    .map(
      (item) =>
        `${indent}- ${isLeaf(item) ? leaf('', item) : describe(item as Record<string, unknown>, `${indent}  `).trimStart()}`,
    )
  if (items.length > maxItems) lines.push(`${indent}… ${items.length - maxItems} more`)
  return lines.join('\n')
}

function isLeaf(value: unknown): boolean {
  return typeof value !== 'object' || value === null || Object.keys(value).length === 0
}

function leaf(name: string, value: unknown): string {
  if (value === null) return '–'
  if (typeof value === 'object') return 'none'
  if (typeof value === 'number' && /bytes$/i.test(name)) return formatSize(value)
  if (typeof value === 'number' && /seconds$/i.test(name)) return `${Math.round(value * 10) / 10} s`
  if (typeof value === 'number' && /ms$/i.test(name)) return `${value} ms`
  return cleanLine(String(value))
}

// `indexLagBytes` → `index lag`: the unit stands with the number.
function words(name: string): string {
  return cleanLine(name)
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .replace(/ (bytes|seconds|ms)$/, '')
}
