import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { ApiError } from './api.ts'
import { App } from './app.tsx'
import { applyTheme, savedTheme } from './theme.ts'
import './styles/tokens.css'
import './styles/base.css'
import './styles/frame.css'
import './styles/traces.css'
import './styles/list-tools.css'
import './styles/kinds.css'
import './styles/trace.css'
import './styles/timeline.css'
import './styles/span-panel.css'
import './styles/content.css'
import './styles/start.css'

applyTheme(savedTheme())

const client = new QueryClient({
  defaultOptions: {
    queries: {
      // What changes is told by the live stream, not found by asking again.
      staleTime: Number.POSITIVE_INFINITY,
      refetchOnWindowFocus: false,
      retry: (failures, error) => failures < 2 && !(error instanceof ApiError && error.status < 500),
      // Everything comes from this machine; being offline means nothing here.
      networkMode: 'always',
    },
  },
})

const root = document.getElementById('root')
if (root) {
  createRoot(root).render(
    <StrictMode>
      <QueryClientProvider client={client}>
        <App />
      </QueryClientProvider>
    </StrictMode>,
  )
}
