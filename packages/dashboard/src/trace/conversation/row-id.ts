/** The id in the document of a row. */
export function rowId(key: string): string {
  return `row-${key}`
}
