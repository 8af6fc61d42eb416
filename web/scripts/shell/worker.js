// The service worker of the shell: the page opens without a network and says so, and in a browser in which a board was
// opened, boards do. It keeps the files of one build and never touches the API. BUILD, FILES and BOARDS are written in when
// the client is built.
const name = `parley-shell-${BUILD}`

/** In a cache that has the files of boards too. */
const withBoards = '/parley-with-boards'

self.addEventListener('install', (event) => {
  event.waitUntil(
    caches
      .open(name)
      .then((cache) => cache.addAll(FILES))
      .then(() => caches.match(withBoards))
      .then((used) => used && keepBoards().catch(() => undefined))
      .then(() => self.skipWaiting()),
  )
})

self.addEventListener('activate', (event) => {
  event.waitUntil(
    caches
      .keys()
      .then((keys) =>
        Promise.all(
          keys
            .filter((key) => key.startsWith('parley-shell-') && key !== name)
            .map((key) => caches.delete(key)),
        ),
      )
      .then(() => self.clients.claim()),
  )
})

self.addEventListener('message', (event) => {
  if (event.data?.type === 'keepBoards') event.waitUntil(keepBoards().catch(() => undefined))
})

/** Keeps what boards need, now and in builds to come. */
async function keepBoards() {
  const cache = await caches.open(name)
  if (await cache.match(withBoards)) return
  await cache.addAll(BOARDS)
  await cache.put(withBoards, new Response())
}

self.addEventListener('fetch', (event) => {
  const { request } = event
  const url = new URL(request.url)
  if (request.method !== 'GET' || url.origin !== self.location.origin || url.pathname.startsWith('/api/'))
    return
  if (request.mode === 'navigate') event.respondWith(page(request))
  else if (url.pathname.startsWith('/assets/')) event.respondWith(asset(request))
})

/** The newest page, or without a network the one of this build: its policy came with it and fits it. */
async function page(request) {
  try {
    return await fetch(request)
  } catch {
    const kept = await caches.match('/', { cacheName: name })
    return kept ?? Response.error()
  }
}

/** Files under /assets carry a hash of what is in them: what was kept is what would be fetched. */
async function asset(request) {
  const kept = await caches.match(request, { cacheName: name })
  if (kept) return kept
  const answer = await fetch(request)
  if (answer.ok) {
    const cache = await caches.open(name)
    await cache.put(request, answer.clone())
  }
  return answer
}
