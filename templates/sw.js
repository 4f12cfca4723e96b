// Keeps the shell of the site on this device: styles, letters, scripts, pictures, and the page that says “You are
// offline”. Never a page of a member and never an answer of the API: phones are shared.

const SHELL = "shell-{{ version }}";
const OFFLINE = "{{ offline }}";
const FILES = new Set({{ files }});
const PATIENCE = 1000;

addEventListener("install", (event) => event.waitUntil(keep()));
addEventListener("activate", (event) => event.waitUntil(begin()));
addEventListener("message", (event) => event.waitUntil(dress(event.data.look)));

addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.mode === "navigate") return event.respondWith(visit(event));
  // Names carry a digest, so what is kept can never be out of date.
  if (request.method === "GET" && FILES.has(new URL(request.url).pathname)) event.respondWith(file(request));
});

async function keep() {
  const shell = await caches.open(SHELL);
  // Without cookies, so that it is nobody's.
  await shell.add(new Request(OFFLINE, { cache: "reload", credentials: "omit" }));
  await shell.addAll([...FILES]);
  await skipWaiting();
}

async function begin() {
  const names = await caches.keys();
  await Promise.all(names.filter((name) => name !== SHELL).map((name) => caches.delete(name)));
  // The page is asked for while this program is still waking up.
  await registration.navigationPreload?.enable();
  await clients.claim();
}

async function visit(event) {
  try {
    return (await event.preloadResponse) ?? (await fetch(event.request));
  } catch {
    // “No content” leaves the person on the page they wrote on, with every word.
    if (event.request.method !== "GET" && (await isSaid(event.request.url))) return new Response(null, { status: 204 });
    return (await caches.match(OFFLINE)) ?? Response.error();
  }
}

async function file(request) {
  return (await caches.match(request, { ignoreVary: true })) ?? fetch(request);
}

// Asks the page whose form did not get through to say so.
async function isSaid(url) {
  const pages = await clients.matchAll({ type: "window" });
  const answers = pages.map((page) => new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => resolve(true);
    page.postMessage({ unsent: url }, [port2]);
  }));
  return Promise.race([...answers, new Promise((resolve) => setTimeout(resolve, PATIENCE, false))]);
}

// The offline page reads as the person likes to read.
async function dress(look) {
  const shell = await caches.open(SHELL);
  const page = await shell.match(OFFLINE);
  if (!page) return;
  const chosen = Object.entries(look).filter(([name, value]) => `${name} ${value}`.match(/^(theme|contrast|text|motion) \w+$/));
  const plain = await page.text();
  const dressed = plain.replace(/<html lang="en"[^>]*>/, () => `<html lang="en"${chosen.map(([name, value]) => ` data-${name}="${value}"`).join("")}>`);
  if (dressed !== plain) await shell.put(OFFLINE, new Response(dressed, { headers: page.headers }));
}
