// The package entry `agentlightning/register`, for `node --import agentlightning/register program.js`.
import { install } from './hooks.ts'
import { isWanted } from './settings.ts'

if (isWanted(process.env)) install({ findLoaded: false })
