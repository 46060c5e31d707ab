// Authorities that the programs trust whose calls come through the gateway: it speaks TLS in their place.
import { readFileSync } from 'node:fs'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'

/** Files of OpenSSL (Python's `ssl`, httpx), of `requests`, and of curl. Node's own NODE_EXTRA_CA_CERTS counts by itself. */
const variables = ['SSL_CERT_FILE', 'REQUESTS_CA_BUNDLE', 'CURL_CA_BUNDLE'] as const

/**
 * Adds the certificates of these files to those that this process trusts, from its next connection on.
 *
 * @param onUnreadable told of a file that cannot be read; the others count
 */
export function trustAsClients(
  env: Readonly<Record<string, string | undefined>>,
  onUnreadable: (variable: string, error: unknown) => void,
): void {
  const texts = new Map<string, string>()
  for (const variable of variables) {
    const path = env[variable]
    if (!path || texts.has(path)) continue
    try {
      texts.set(path, readFileSync(path, 'utf8'))
    } catch (error) {
      onUnreadable(variable, error)
    }
  }
  if (texts.size > 0) setDefaultCACertificates([...getCACertificates('default'), ...texts.values()])
}
