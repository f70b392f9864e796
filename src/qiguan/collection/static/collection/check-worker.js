/* Keeps the check screen open without a network: pages and files are taken from the net, and from the last copy where there is none. */
"use strict";
const SHELF = "check-2";
self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil((async () => {
  for (const name of await caches.keys()) if (name.startsWith("check-") && name !== SHELF) await caches.delete(name);
  await self.clients.claim();
})()));
self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== self.location.origin) return;
  const isPage = /^\/office\/check\/[^/]+\/work\/$/.test(url.pathname);
  if (!isPage && !url.pathname.startsWith("/static/")) return;
  event.respondWith((async () => {
    const shelf = await caches.open(SHELF);
    try {
      const answer = await fetch(request);
      if (answer.ok && !answer.redirected && !url.search) await shelf.put(request, answer.clone());
      return answer;
    } catch (error) {
      const kept = await shelf.match(isPage ? url.pathname : request, { ignoreSearch: true });
      if (kept) return kept;
      throw error;
    }
  })());
});
