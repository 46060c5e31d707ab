// `npm start -- ARGS`: sets the workspace up, then becomes `agl agentops ARGS`.
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { root, setUp, workspaceNode } from './set-up.mjs'

setUp()
const agl = join(root, 'packages', 'agentlightning', 'bin', 'agl.js')
const child = spawn(workspaceNode(), [agl, 'agentops', ...process.argv.slice(2)], { stdio: 'inherit' })
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
child.on('exit', (code, signal) => process.exit(code ?? (signal === 'SIGINT' ? 130 : 1)))
