// Takes secrets out of what is shown of a request. Meant for text that may be cut anywhere.

const REMOVED = '(removed)'

/** Names of members, parameters and headers whose values are secrets; bounded, or long text would take long. */
const names =
  '[\\w.-]{0,80}(?:api[-_]?key|parent[-_]?key|org[-_]?key|secret|password|passwd|credential|authorization|jwt|bearer|cookie|auth|token)[\\w.-]{0,80}'

/** `max_tokens` and its like are counts and no secrets. */
const counts = /tokens|token_?(?:count|type|limit|usage|cost|ids?)\b/i

/** A text value of a JSON member, closed or cut off. */
const member = new RegExp(`("(${names})"\\s*:\\s*)("(?:[^"\\\\]|\\\\.)*(?:"|\\\\?$)|\\d[\\w.-]*)`, 'gi')
/** A parameter of a query or form, or a line of a header. */
const parameter = new RegExp(`(^|[?&;\\s])(${names})(\\s*[=:]\\s*)([^&;\\s"']+)`, 'gim')
/** A JWT (RFC 7519), also one that is cut off. */
const token = /\beyJ[\w-]{6,}(?:\.[\w-]*){0,2}/g
/** Keys by the beginnings that their issuers give them. */
const key = /\b(?:sk|pk|rk|xox[abp]|gh[opsu]|glpat|hf|AKIA)[-_][\w-]{8,}/g
const scheme = /\b(Bearer|Basic)\s+[\w.~+/=-]+/gi

/** `text` without keys, tokens and passwords. What merely looks like one goes as well. */
export function redacted(text: string): string {
  const keep = (name: string) => counts.test(name)
  return text
    .replace(member, (whole, head: string, name: string) => (keep(name) ? whole : `${head}"${REMOVED}"`))
    .replace(scheme, `$1 ${REMOVED}`)
    .replace(parameter, (whole, before: string, name: string, sign: string) =>
      keep(name) ? whole : `${before}${name}${sign}${REMOVED}`,
    )
    .replace(token, REMOVED)
    .replace(key, REMOVED)
}
