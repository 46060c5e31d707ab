// What programs import from `agentlightning`.
export { AglError, type ErrorCode, isAglError } from './errors.ts'
export type { ServerExit } from './manager/hosted-server.ts'
export {
  AgentOpsServerManager,
  type ManagerEvents,
  type ManagerExit,
  type ServerProcess,
} from './manager/manager.ts'
export type { AgentOpsServerManagerOptions, ServerOptions } from './manager/options.ts'
export type { LogLevel, StoreKind } from './server/config.ts'
