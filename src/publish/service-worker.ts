// Files of the hosted analyzer -> the service worker that keeps them in the browser, so that the page opens without a network.

/**
 * What the page is made of is fetched when the worker is installed; what is loaded when it is wanted (location database, manual) is kept once it was fetched.
 * A new version takes over when no page of the old one is open: their files belong together.
 * @param files paths below the worker's folder
 * @param version differs where one of them does
 */
export function serviceWorker(files: string[], version: string): string {
  return `// Keeps the analyzer of rtnvis in this browser.
const PREFIX = 'rtnvis-'
const CACHE = PREFIX + ${JSON.stringify(version)}
const FILES = ${JSON.stringify(files)}

addEventListener('install', (event) => event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(FILES))))

addEventListener('activate', (event) => event.waitUntil(takeOver()))

addEventListener('fetch', (event) => {
  const { method, url } = event.request
  if (method === 'GET' && url.startsWith(registration.scope)) event.respondWith(answer(event.request))
})

async function takeOver() {
  const old = (await caches.keys()).filter((name) => name.startsWith(PREFIX) && name !== CACHE)
  await Promise.all(old.map((name) => caches.delete(name)))
  await clients.claim()
}

async function answer(request) {
  const cache = await caches.open(CACHE)
  const kept = await cache.match(request, { ignoreSearch: true })
  if (kept) return kept
  const response = await fetch(request)
  if (response.ok) await cache.put(request, response.clone())
  return response
}
`
}
