// One conversation, kept fresh: it asks for what is new, shows it, says it, and tells what was really read.

import { isSending, isSignedIn, isSignedOut, leave, lineOnItsWay, show } from "care/composer";
import { append, backwards, holding, isAtEnd, log, nameDays, startAt, swap, tellStates, toTheEnd, ways } from "care/log";
import { kick, news } from "care/outbox";

const OFTEN = 3_000;
const SELDOM = 60_000;
const LOOKS = 20;
const PATIENCE = 15_000;
const UNEASY = 5_000;

const room = document.querySelector("[data-thread]");
const at = room.dataset;
const here = `/messages/${at.thread}/`;
const bar = room.querySelector("[data-reconnecting]");
// A page of older words stands there; what is new begins behind the newest there was.
at.last = at.newest;

// ---- asking

let looks = 0;
let timer;
let mark;
let running;
let failingSince = 0;

export async function ask(query, headers = {}) {
  const answer = await fetch(here + query, {
    headers: { "HX-Request": "true", "X-Zone": document.body.dataset.zone, ...headers },
    signal: AbortSignal.timeout(PATIENCE),
  });
  const next = answer.headers.get("HX-Redirect");
  if (next) return next.startsWith("/login/") ? isSignedOut() : location.assign(next);
  if (answer.status === 304) return isSignedIn();
  if (answer.status === 404) return location.reload();
  if (!answer.ok) throw new Error(answer.status);
  return { part: parsed(await answer.text()), mark: answer.headers.get("ETag") };
}

// Read as a page of its own, in which nothing runs.
function parsed(text) {
  const part = new DOMParser().parseFromString(text, "text/html").querySelector("[data-part]");
  if (!part) throw new Error("not ours");
  return part;
}

// Several reasons to look are one look, and one more behind it.
export async function look() {
  if (running) return (running = "again");
  running = "once";
  clearTimeout(timer);
  try {
    const found = await ask(`?after=${at.last}&record=${at.record}&slots=${at.slots ?? ""}`, mark ? { "If-None-Match": mark } : {});
    failingSince = 0;
    bar.textContent = "";
    if (found) {
      mark = found.mark;
      take(found.part);
    }
  } catch {
    // Also where a part could not be shown: then it is asked for again.
    mark = undefined;
    failingSince ||= Date.now();
  }
  const isToGoOn = running === "again" || Number(at.last) < Number(at.newest);
  running = undefined;
  if (isToGoOn && !failingSince) return look();
  plan();
}

function plan() {
  clearTimeout(timer);
  if (failingSince) setTimeout(worry, UNEASY - (Date.now() - failingSince));
  if (document.visibilityState !== "visible") return;
  timer = setTimeout(look, looks++ < LOOKS ? OFTEN : SELDOM);
}

function worry() {
  if (failingSince && navigator.onLine) bar.textContent = "Reconnecting…";
}

// Somebody is here, or something happens: for a minute it looks often.
function stir() {
  const isSlow = looks > LOOKS;
  looks = 0;
  if (isSlow) plan();
}

for (const act of ["keydown", "pointerdown", "focus"]) addEventListener(act, stir, { passive: true });
addEventListener("online", look);
// A page that comes from the server is fresh; one that the browser has kept is not.
addEventListener("pageshow", (event) => event.persisted && look());
document.addEventListener("visibilitychange", () => (document.visibilityState === "visible" ? look() : clearTimeout(timer)));

// ---- showing

function take(part) {
  if (part.dataset.member !== document.body.dataset.member) return location.reload();
  isSignedIn();
  const isFollowing = isAtEnd();
  const isThere = isFollowing && !log.scrollTop;
  const known = Number(at.last);
  const lines = [...part.querySelector("[data-lines]").children];
  let fresh = lines.filter((line) => Number(line.dataset.sequence) > known);
  // All at once, so that the browser lays the page out once.
  holding(() => {
    keepUp(part.dataset);
    part.querySelectorAll("[data-changed] > li").forEach(swap);
    fill(part);
    // Said once, and only to whoever did something.
    room.querySelector("[data-told]").append(...(part.querySelector("[data-told]")?.children ?? []));
    if (ways.after.hidden) fresh = append(lines);
    for (const { dataset } of fresh) if (dataset.key) leave(lineOnItsWay(dataset.key));
    refresh();
  });
  if (isFollowing && !isThere) toTheEnd();
  if (fresh.length) document.dispatchEvent(new Event("said"));
  const theirs = fresh.filter(({ dataset }) => dataset.from !== "me");
  if (!theirs.length) return;
  stir();
  import("care/heard").then(({ announce }) => announce(theirs));
  if (!isFollowing) import("care/missed").then(({ offer }) => offer(theirs));
}

// Positions only move forward, whichever answer comes last.
export function keepUp(told) {
  for (const name of ["last", "newest", "record", "read", "theirRead", "theirDelivered"]) {
    at[name] = Math.max(Number(at[name]), Number(told[name]));
  }
  if ("open" in told !== "open" in at) openOrClose(told);
  if (told.today !== at.today) nameDays(told.today);
  at.today = told.today;
}

function openOrClose(told) {
  const form = room.querySelector(".composer__form");
  if ("open" in told) at.open = "";
  else delete at.open;
  // Only the newest page has the box.
  if (!form) return ways.after.hidden && location.reload();
  if (form.contains(document.activeElement) && !("open" in told)) log.focus();
  form.hidden = !("open" in told);
  const left = room.querySelector("[data-unsent]");
  left.hidden = !form.hidden || !form.elements.content.value.trim();
  left.querySelector(".composer__words").textContent = form.elements.content.value;
}

const places = [...document.querySelectorAll("[data-slot]:not(.log *)")];
// Only what is different is put in place, and the focus stays where it was.
function fill(part) {
  const inLog = at.slots === part.dataset.slots ? [] : log.querySelectorAll("[data-slot]");
  // Left out of an answer to a page that had others by then: all of them, with the next look.
  const isWhole = part.querySelector("[data-slot=bar]") || at.slots === part.dataset.slots;
  at.slots = isWhole ? part.dataset.slots : "";
  for (const place of [...places, ...inLog]) {
    const slot = part.querySelector(`[data-slot="${place.dataset.slot}"]`);
    if (!slot || plain(place) === plain(slot)) continue;
    // Somebody is choosing from it; the next look brings it again.
    if (place.querySelector("details[open]")) { mark = undefined; at.slots = ""; continue; }
    const isIn = place.contains(document.activeElement);
    place.replaceChildren(...slot.cloneNode(true).childNodes);
    if (isIn) (place.querySelector("a, button, summary") ?? log).focus();
  }
}

// Each form brings another token, which is no difference.
const plain = (element) => element.innerHTML.replace(/value="[^"]{64}"/g, "").replace(/\s+/g, " ");

// There is more than the page of older or newer lines knew.
export const isBehind = (last) => Number(last) < Number(at.newest);

export function refresh() {
  if (ways.after.hidden) tellStates(at);
  for (const line of backwards()) {
    if (Number(line.dataset.sequence) <= at.read) break;
    if (line.dataset.from === "me") continue;
    import("care/reading").then(({ watch }) => watch());
    break;
  }
}

// ---- what became of my own

news.addEventListener("news", async ({ detail: { what, key, chat, part } }) => {
  if (what === "signed-out") return isSignedOut();
  if (chat !== at.thread) return;
  if (what === "sending") return isSending(key);
  if (what === "queued") stir();
  if (what === "failed") import("care/heard").then(({ isNotSent }) => isNotSent());
  if (what === "sent" && part) {
    const isMine = toTheEndIfMine(key);
    take(parsed(part));
    if (isMine && !ways.after.hidden) await import("care/missed").then(({ toNewest }) => toNewest());
    import("care/heard").then(({ isSent }) => isSent());
  } else if (what === "sent") look();
  await show();
  if (what === "queued") toTheEnd();
});

// Whoever has just sent something wants to see it, wherever they had been reading.
function toTheEndIfMine(key) {
  const isMine = Boolean(lineOnItsWay(key));
  if (isMine && Math.abs(log.scrollTop) < log.clientHeight) toTheEnd();
  return isMine;
}

// ---- older and newer pages, once somebody gets near them

const pager = new IntersectionObserver((seen) => {
  for (const { target, isIntersecting } of seen) {
    if (!isIntersecting) target.dataset.wasAway = "";
    else if ("wasAway" in target.dataset) more(target);
  }
}, { root: log, rootMargin: "200px" });

for (const place of Object.values(ways)) {
  pager.observe(place);
  place.addEventListener("click", (event) => {
    event.preventDefault();
    more(place);
  });
}

const more = (place) => import("care/paging").then((paging) => paging.more(place === ways.before ? "before" : "after"));

// ---- the first look

// A link to a message that is not on this page.
function find() {
  const id = location.hash.slice(1);
  if (document.getElementById(id)) return;
  if (id === "offer") location.replace(`${here}m/${at.thread}/`);
  if (id.startsWith("m-")) location.replace(`${here}m/${id.slice(2)}/`);
}

addEventListener("hashchange", find);
find();
const fresh = document.getElementById("new");
if (fresh && !location.hash) startAt(fresh);
for (const [act, ...names] of [["keydown", "care/keys", "care/menus"], ["toggle", "care/menus"]]) {
  document.addEventListener(act, (event) => {
    // The browser would go to its own bar before our file is here.
    if (event.key === "F6") event.preventDefault();
    for (const name of names) import(name).then(({ first }) => first(event));
  }, { once: true, capture: true });
}
refresh();
plan();
if (localStorage.getItem(`unsent:${document.body.dataset.member}`)) kick();
