// A server that goes and comes back where it was.
import { startServer, type TestServer } from '../support/agl.ts'

/** How often a port that was taken meanwhile is asked for again; each try takes about a second. */
const TRIES = 20

/** Starts a server in memory on the port that `gone` had. Another program may hold it for a moment. */
export async function restart(gone: TestServer): Promise<TestServer> {
  for (let left = TRIES; ; left--) {
    try {
      return await startServer({ args: ['--store', 'memory', '--port', String(gone.port)] })
    } catch (error) {
      if (left === 0 || !String(error).includes('already in use')) throw error
    }
  }
}
