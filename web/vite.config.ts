import { fileURLToPath } from 'node:url'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'
import { excalidrawFonts } from './scripts/vite-excalidraw.ts'
import { shell } from './scripts/vite-shell.ts'

const server = process.env.PARLEY_SERVER ?? 'http://127.0.0.1:8080'

export default defineConfig({
  plugins: [react(), shell(), excalidrawFonts()],
  resolve: { alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) } },
  css: { transformer: 'lightningcss' },
  build: {
    manifest: true,
    sourcemap: false,
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 900,
    rolldownOptions: {
      output: {
        // Few files for the first page: what changes with our dependencies, and what every page shares.
        codeSplitting: {
          groups: [
            {
              name: 'vendor',
              test: /node_modules\/(react|react-dom|react-i18next|i18next|scheduler|use-sync-external-store|openapi-fetch|@tanstack)\//,
            },
            {
              name: 'shell',
              test: /src\/(ui\/[^/]+|core\/(api|events)\/[^/]+|core\/theme\/appearance|core\/[^/]+)\.(ts|tsx)$/,
              minShareCount: 2,
            },
          ],
        },
      },
    },
  },
  server: { proxy: { '/api': { target: server, ws: true }, '/whiteboard': { target: server, ws: true } } },
})
