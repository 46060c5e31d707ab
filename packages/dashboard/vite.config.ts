import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vite'

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url))

// The built page is served by the server itself, under a policy that forbids anything inline.
export default defineConfig({
  root: at('.'),
  publicDir: false,
  logLevel: 'warn',
  resolve: { conditions: ['agl-source', 'module', 'browser', 'production'] },
  build: {
    outDir: at('../agentlightning/dist/dashboard'),
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      // Says where React's server components end; there are none here.
      onLog: (level, log, handle) => log.code === 'MODULE_LEVEL_DIRECTIVE' || handle(level, log),
    },
    // Of 2024: `light-dark()` is kept as it is written.
    target: ['chrome123', 'firefox120', 'safari17.5'],
  },
})
