// The program of `parent.test.ts`: starts a server with the options of its first argument, says where it is,
// and then does what its second argument says.
import { AgentOpsServerManager, type AgentOpsServerManagerOptions } from 'agentlightning'

const [options = '{}', then] = process.argv.slice(2)
const manager = new AgentOpsServerManager(JSON.parse(options) as AgentOpsServerManagerOptions)
await manager.start()
console.log(JSON.stringify({ pid: manager.pid, port: manager.getPort() }))
if (then === 'stop') await manager.stop()
if (then === 'wait') setInterval(() => {}, 1_000)
if (then === 'ignore SIGINT') {
  process.on('SIGINT', () => {})
  setInterval(() => {}, 1_000)
}
