// Does a URL lead to our own server? Pure.

const loopback = new Set(['localhost', '127.0.0.1', '[::1]'])

/** True when `url` has the port and the host of the server, whichever name of this machine it uses. */
export function isServerUrl(url: string, serverUrl: string): boolean {
  const [asked, server] = [URL.parse(url), URL.parse(serverUrl)]
  if (!asked || !server || asked.port !== server.port || asked.protocol !== server.protocol) return false
  return asked.hostname === server.hostname || (loopback.has(asked.hostname) && loopback.has(server.hostname))
}
