// The package entry `agentlightning/register`, for `node --import agentlightning/register program.js`.
import { install } from './hooks.ts'

install({ findLoaded: false })
