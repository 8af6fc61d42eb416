import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import './ui/tokens.css'
import './ui/base.css'
import './core/theme/appearance'
import { App } from './app/App'
import { router } from './app/router'
import { watchVersion } from './app/version'
import { onSignedOut } from './core/api/client'
import { meQuery, queryClient } from './core/api/queries'
import { startI18n } from './i18n'

async function start() {
  await startI18n()
  const root = document.getElementById('root')
  if (!root) throw new Error('index.html has no #root')
  createRoot(root).render(
    <StrictMode>
      <App />
    </StrictMode>,
  )
  onSignedOut(() => {
    if (queryClient.getQueryData(meQuery.queryKey)) queryClient.setQueryData(meQuery.queryKey, null)
  })
  watchVersion(router)
  if (import.meta.env.PROD) void navigator.serviceWorker?.register('/sw.js').catch(() => undefined)
}

void start()
