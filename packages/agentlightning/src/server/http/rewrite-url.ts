// Makes one spelling of the many in which clients write a URL.
import type { IncomingMessage } from 'node:http'

/** Header that carries a key which stood in the path, once it is taken out of the URL. */
export const PATH_KEY_HEADER = 'x-agl-path-key'

/**
 * The URL that routes see. Python SDKs build `endpoint + path` and send `//v3/auth/token`; proxies send the
 * absolute form; exporters that can set nothing but a URL put the key in front: `/k/KEY/v1/traces`.
 */
export function rewriteUrl(request: Pick<IncomingMessage, 'url' | 'headers'>): string {
  delete request.headers[PATH_KEY_HEADER]
  const absolute = (request.url ?? '/').replace(/^https?:\/\/[^/?#]*/i, '')
  const [path = '/', ...query] = absolute.split('?')
  let plain = `/${path}`.replace(/\/{2,}/g, '/')
  const keyed = /^\/k\/([^/]+)(\/.*)?$/.exec(plain)
  if (keyed) {
    request.headers[PATH_KEY_HEADER] = decode(keyed[1] as string)
    plain = keyed[2] ?? '/'
  }
  return query.length > 0 ? `${plain}?${query.join('?')}` : plain
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
