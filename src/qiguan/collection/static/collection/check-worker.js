/* Keeps the check screen open without a network: pages and files are taken from the net, and from the last copy where there is none. */
"use strict";
const SHELF = "check-1";
self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== self.location.origin) return;
  const wanted = url.pathname.startsWith("/static/") || /^\/office\/check\/[^/]+\/work\/$/.test(url.pathname);
  if (!wanted) return;
  event.respondWith((async () => {
    const shelf = await caches.open(SHELF);
    try {
      const answer = await fetch(request);
      if (answer.ok && !answer.redirected) await shelf.put(request, answer.clone());
      return answer;
    } catch (error) {
      const kept = await shelf.match(request, { ignoreSearch: true });
      if (kept) return kept;
      throw error;
    }
  })());
});
