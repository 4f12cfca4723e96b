// Messages on their way: kept on this device until the server has them, each once, in order, by one tab at a time.

const NAME = "outbox";
const PAUSES = [1, 2, 4, 8, 15, 30, 60];
const LONGEST = 72_000;
const PATIENCE = 20_000;
const DAY = 24 * 60 * 60 * 1000;
const OURS = "That did not work. It is our fault, not yours. We will try again.";
const TOO_FAST = "You are sending very fast. This goes by itself in a moment.";
const TOO_OLD = "There was no signal for a day.";
const HELD = "This goes when you have signed in.";

const member = document.body.dataset.member;
const pressed = `pressed:${member}:`;
// Phones are shared: the page of somebody else hears nothing of this.
const channel = new BroadcastChannel(`${NAME}:${member}`);
// Tells this page what became of a message: queued, sending, later, sent, held, failed, dropped, or that we are signed out.
export const news = new EventTarget();

let opened, isAtWork, isAsked;
let kickedAt = 0;
let wake = () => {};
let token = document.querySelector("[name=csrfmiddlewaretoken]")?.value;

export const isPossible = Boolean(member && globalThis.indexedDB && navigator.locks && crypto.randomUUID);

// Resolves once the words are safe on this device. A note of them is left at once: the tab may be closed right now.
export async function put(chat, key, words, to) {
  const entry = { key, member, chat, words, to, at: Date.now(), tries: 0, state: "queued" };
  localStorage.setItem(pressed + key, JSON.stringify(entry));
  localStorage.setItem(`unsent:${member}`, 1);
  try {
    await add(entry);
  } finally {
    localStorage.removeItem(pressed + key);
  }
  kick(true);
}

// Another tab may have found the note before the words were here.
async function add(entry) {
  await within("readwrite", (store) => {
    const asked = store.getAll();
    asked.onsuccess = () => asked.result.some(({ key, words }) => key === entry.key && words === entry.words) || store.add(entry);
  });
  await changed({ what: "queued", key: entry.key, chat: entry.chat });
}

// Of tabs that are closed before the words are here, the oldest first.
export function notes(whose = member) {
  const kept = Object.entries(localStorage).filter(([name]) => name.startsWith(`pressed:${whose}:`));
  return kept.map(([, note]) => JSON.parse(note)).sort((one, other) => one.at - other.at);
}

async function begin() {
  for (const entry of notes()) {
    await add(entry);
    localStorage.removeItem(pressed + entry.key);
  }
  await work();
}

// What this member has not got through yet, the oldest first; of one chat, or of all.
export async function unsent(chat, whose = member) {
  const found = await within("readonly", (store) => store.getAll());
  return found.filter((entry) => entry.member === whose && (!chat || entry.chat === chat));
}

// A key that was used for other words is no use any more.
export async function again(number, more = {}) {
  const anew = { ...more, state: "queued", tries: 0, note: undefined, at: Date.now(), isUsed: false };
  await change(number, ({ isUsed, key }) => ({ ...anew, key: isUsed ? crypto.randomUUID() : key }), "queued");
  kick();
}

export async function drop(number) {
  await within("readonly", (store) => store.get(number)).then((entry) => entry && remove(entry, { what: "dropped" }));
}

async function remove({ number, key, chat }, told) {
  await within("readwrite", (store) => store.delete(number));
  await changed({ key, chat, ...told });
}

// All that somebody left here; they, or whoever has the device now, were asked before.
export async function wipe(whose = member) {
  for (const { key } of notes(whose)) localStorage.removeItem(`pressed:${whose}:${key}`);
  for (const { number } of await unsent(undefined, whose)) await drop(number);
  localStorage.removeItem(`unsent:${whose}`);
}

// Now rather than when the pause is over: there is signal again, or somebody asks.
export function kick(isTold = false) {
  kickedAt = Date.now();
  wake();
  work();
  if (!isTold) channel.postMessage({ what: "kick" });
}

channel.onmessage = ({ data }) => (data.what === "kick" ? kick(true) : tell(data));
// Another tab has something to send: this one stands behind it, in case that one is closed.
addEventListener("storage", ({ key, newValue }) => newValue && key.startsWith(pressed) && begin());
for (const act of ["online", "pageshow"]) addEventListener(act, () => kick());
document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && kick());
if (isPossible) begin();

// The lock is held while something is on its way, never in a pause: a tab that sleeps must not stop the others.
async function work() {
  isAsked = true;
  if (isAtWork || !isPossible) return;
  isAtWork = true;
  try {
    while (isAsked) {
      isAsked = false;
      const wait = await navigator.locks.request(NAME, sendWhatIsDue);
      if (wait !== undefined) await pause(wait);
    }
  } finally {
    isAtWork = false;
  }
}

// How long until there is something to do again; nothing where all is done, or nobody is signed in.
async function sendWhatIsDue() {
  for (let entry; (entry = await next()); ) {
    const wait = (entry.next ?? 0) - Date.now();
    // What is further away was reckoned by a clock that has been set back since.
    if (wait > 0 && wait <= LONGEST && entry.tried >= kickedAt) return wait;
    if (!(await deliver(entry))) return;
  }
}

// In each chat the first one goes first; of those, whichever is due soonest.
async function next() {
  const heads = new Map();
  for (const entry of await unsent()) if (entry.state === "queued" && !heads.has(entry.chat)) heads.set(entry.chat, entry);
  return [...heads.values()].sort((one, other) => (one.next ?? 0) - (other.next ?? 0))[0];
}

const pause = (wait) => new Promise((resolve) => {
  wake = () => resolve((isAsked = true));
  setTimeout(wake, isAsked ? 0 : wait);
});

// False where there is no use in going on: whoever wrote this is signed out.
async function deliver(entry) {
  if (Date.now() - entry.at > DAY) return fail(entry, TOO_OLD).then(() => true);
  tell({ what: "sending", key: entry.key, chat: entry.chat }, true);
  // Signal that comes back meanwhile is a reason to try again, whatever becomes of this try.
  entry.tried = Date.now();
  const { part, refusal, isSignedOut, wait, note, warnings } = await post(entry).catch(() => ({ wait: null }));
  if (isSignedOut) return signedOut(entry);
  if (warnings) await change(entry.number, () => ({ state: "warned", warnings, next: 0 }), "warned");
  else if (part) await remove(entry, { what: "sent", part });
  else if (wait !== undefined) await later(entry, wait, note);
  else await fail(entry, refusal.message, refusal.error === "idempotency_key_reused");
  return true;
}

async function post(entry, isSecond = false) {
  const place = document.querySelector(`[data-thread="${entry.chat}"]`)?.dataset ?? {};
  const since = place.last ? `?after=${place.last}&record=${place.record}&slots=${place.slots ?? ""}` : "";
  const form = { csrfmiddlewaretoken: tokenNow(), client_id: entry.key, content: entry.words };
  const answer = await fetch(`/messages/${entry.chat}/${since}`, {
    method: "POST",
    headers: { "HX-Request": "true", "X-Kept-By": "device", "X-Zone": document.body.dataset.zone },
    body: new URLSearchParams(entry.acknowledged ? { ...form, acknowledged: 1 } : form),
    signal: AbortSignal.timeout(PATIENCE),
  });
  // Anybody who is signed in and may not talk is refused in words.
  if (answer.headers.has("HX-Redirect")) return { isSignedOut: true };
  const text = await answer.text();
  // Anything else that says “fine”, such as the page of a hotel's network, has not taken the words.
  if (answer.ok && text.startsWith('{"warnings"')) return JSON.parse(text);
  if (answer.ok) return text.startsWith("<div data-part") ? { part: text } : { wait: null };
  const refusal = JSON.parse(text);
  if (refusal.error === "csrf_failed" && !isSecond) return (await renew()) ? post(entry, true) : { isSignedOut: true };
  if (answer.status === 429) return { wait: refusal.retry_after ?? null, note: TOO_FAST };
  // Our page says it the same way: what can be read to us, once it was no accident.
  const code = entry.tries && refusal.request_id ? ` Error ${refusal.request_id.slice(-4).toUpperCase()}.` : "";
  if (answer.status >= 500) return { wait: refusal.retry_after ?? null, note: OURS + code };
  return { refusal };
}

export const tokenNow = () => token ?? "";

// Somebody signed in again meanwhile, in another tab; is it the same person?
export async function renew() {
  const answer = await fetch("/me/", { signal: AbortSignal.timeout(PATIENCE) });
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const found = page.body.dataset.member;
  if (!found && !new URL(answer.url).pathname.startsWith("/login/")) throw new Error("not ours");
  if (found !== member) return false;
  token = page.querySelector("[name=csrfmiddlewaretoken]")?.value;
  return Boolean(token);
}

function later(entry, seconds, note) {
  const pause = (seconds ?? PAUSES[Math.min(entry.tries, PAUSES.length - 1)] * (0.8 + Math.random() * 0.4)) * 1000;
  const next = Date.now() + Math.min(pause, LONGEST);
  return change(entry.number, () => ({ note, tries: entry.tries + 1, tried: entry.tried, next }), "later");
}

const fail = ({ number }, why, isUsed = false) => change(number, () => ({ state: "failed", why, isUsed, next: 0 }), "failed");

async function signedOut(entry) {
  await change(entry.number, () => ({ note: HELD }), "held");
  tell({ what: "signed-out", chat: entry.chat }, true);
  return false;
}

async function change(number, make, what) {
  let entry;
  await within("readwrite", (store) => {
    const asked = store.get(number);
    asked.onsuccess = () => asked.result && store.put((entry = { ...asked.result, ...make(asked.result) }));
  });
  if (entry) await changed({ what, key: entry.key, chat: entry.chat });
}

// The number of them is kept where every page can see at once whether there is something to send.
async function changed(told) {
  const { length } = await unsent();
  localStorage[length ? "setItem" : "removeItem"](`unsent:${member}`, length);
  tell(told, true);
}

function tell(told, isForAll = false) {
  news.dispatchEvent(new CustomEvent("news", { detail: told }));
  // Another page may have missed what was said before that, so it asks for itself.
  if (isForAll) channel.postMessage({ ...told, part: undefined });
}

async function within(mode, act) {
  const deal = (await (opened ??= open())).transaction(NAME, mode, { durability: "strict" });
  const asked = act(deal.objectStore(NAME));
  return new Promise((resolve, reject) => {
    deal.oncomplete = () => resolve(asked?.result);
    deal.onabort = () => reject(deal.error);
  });
}

function open() {
  return new Promise((resolve, reject) => {
    const asked = indexedDB.open(NAME, 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore(NAME, { keyPath: "number", autoIncrement: true });
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error);
  });
}
