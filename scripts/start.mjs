// `npm start -- ARGS`: sets the workspace up, builds the page when it is not there, then becomes `agl agentops ARGS`.
import { spawn, spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { root, setUp, workspaceNode } from './set-up.mjs'

setUp()
spawnSync(workspaceNode(), [join(root, 'scripts', 'dashboard.mjs')], { cwd: root, stdio: ['ignore', 2, 2] })
const agl = join(root, 'packages', 'agentlightning', 'bin', 'agl.js')
const child = spawn(workspaceNode(), [agl, 'agentops', ...process.argv.slice(2)], { stdio: 'inherit' })
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
child.on('exit', (code, signal) => process.exit(code ?? (signal === 'SIGINT' ? 130 : 1)))
