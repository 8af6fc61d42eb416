declare global {
  const __EXCALIDRAW_VERSION__: string
  interface Window {
    EXCALIDRAW_ASSET_PATH?: string | string[] | undefined
  }
}

/** Where the editor finds its fonts: on our own server (scripts/vite-excalidraw.ts copies them). */
const assetPath = `/assets/excalidraw-${__EXCALIDRAW_VERSION__}/`

/** Has to be called before the editor's module is loaded. */
export function setAssetPath(): void {
  window.EXCALIDRAW_ASSET_PATH = assetPath
}
