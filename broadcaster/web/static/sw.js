// Without a network the pages seen last are shown once more, marked as old. Nothing is ever sent from here.
const FILES = "loa-files", PAGES = "loa-pages", BOARD = /^\/airings\/[^/]+$/, pathOf = (it) => new URL(it.url).pathname;

addEventListener("install", (event) => event.waitUntil(caches.open(FILES).then((files) => files.add("/offline"))));

async function file(request) {
  const files = await caches.open(FILES), kept = await files.match(request), fresh = kept || await fetch(request);
  if (!kept) await files.delete(request, { ignoreSearch: true });
  if (!kept && fresh.ok) await files.put(request, fresh.clone());
  return fresh;
}

async function page(request, path) {
  const fresh = await fetch(request).catch(() => null), pages = await caches.open(PAGES);
  const outdated = path.startsWith("/sign-in") ? () => true : (old) => BOARD.test(path) && BOARD.test(pathOf(old));
  if (fresh) for (const old of (await pages.keys()).filter(outdated)) await pages.delete(old);
  if (fresh && fresh.ok && (path === "/" || BOARD.test(path))) await pages.put(path, fresh.clone());
  if (fresh) return fresh;
  const old = (request.method === "GET" && await pages.match(path)) || await caches.match("/offline");
  const headers = new Headers([...old.headers].filter(([name]) => !name.startsWith("content-encoding")));
  const board = (await pages.keys()).map(pathOf).find((it) => BOARD.test(it)), text = await old.text();
  const shown = board ? text.replace('href="/" data-board hidden', `href="${board}"`) : text;
  return new Response(shown.replace("data-stale hidden", "data-stale"), { headers });
}

addEventListener("fetch", (event) => {
  const path = pathOf(event.request);
  if (event.request.mode === "navigate") event.respondWith(page(event.request, path));
  else if (/^\/static\/.*\?v=/.test(event.request.url.slice(location.origin.length))) event.respondWith(file(event.request));
});
