// The box to write in, and the messages that are on their way.

import { list, toTheEnd } from "care/log";
import { forget } from "care/kept";
import { again, drop, isPossible, news, put, unsent } from "care/outbox";

const SLOW = 400;
const NEAR = 100;
const KEYBOARD = 120;
const TWICE = 1000;
const NOTHING = "Please write something first.";

const room = document.querySelector("[data-thread]");
const chat = room.dataset.thread;
const waiting = room.querySelector("[data-waiting]");
const bubble = room.querySelector("[data-unsent-bubble]").content.firstElementChild;
const trouble = room.querySelector("[data-refused]");
const form = room.querySelector("[data-outbox]");
const box = form?.elements.content;
const coarse = matchMedia("(pointer: coarse)");

export const lastTyped = () => typedAt;

let typedAt = 0;
let sentAt = 0;

if (form && isPossible) begin();
if (isPossible) show();

function begin() {
  form.dataset.outbox = "on";
  box.addEventListener("keydown", enter);
  box.addEventListener("input", typed);
  form.addEventListener("submit", send);
  visualViewport?.addEventListener("resize", makeRoom);
}

// With a keyboard Enter sends and Shift+Enter makes a line; on a phone Enter makes a line. Unless somebody chose.
function enter(event) {
  if (event.key !== "Enter" || event.isComposing) return;
  const chosen = document.documentElement.dataset.enter;
  const isToSend = chosen ? chosen === "send" : !coarse.matches;
  if (!(event.ctrlKey || event.metaKey || (isToSend && !event.shiftKey && !event.altKey))) return;
  event.preventDefault();
  form.requestSubmit();
}

function typed() {
  typedAt = Date.now();
  say("");
  if ([...box.value].length < box.dataset.limit - NEAR) return;
  // Without it nothing is lost: what is too long is said when it is sent.
  import("care/counter").then(({ follow }) => follow(box), () => {});
}

async function send(event) {
  event.preventDefault();
  const words = box.value.trim();
  const tooMany = [...words].length - Number(box.dataset.limit);
  if (!words) return refuse(NOTHING);
  if (tooMany > 0) return refuse(`Please use ${box.dataset.limit} letters or fewer. You have ${tooMany} too many.`);
  const key = form.elements.client_id.value;
  // All at once, so that a second press finds an empty box.
  const isPut = put(chat, key, words, room.dataset.other);
  clear();
  sentAt = Date.now();
  try {
    await isPut;
  } catch {
    // This device keeps nothing for us, so the plain form goes.
    form.elements.client_id.value = key;
    box.value = words;
    form.submit();
  }
  toTheEnd();
  box.focus();
}

// An empty box is no trouble for somebody who just pressed twice.
function refuse(words) {
  if (words !== NOTHING || Date.now() - sentAt > TWICE) say(words);
  box.focus();
}

// What is wrong with the words in the box, until they are changed.
function say(words) {
  if (!trouble.querySelector("[data-if=signed-out]").hidden) return;
  trouble.querySelector("[data-if=words]").textContent = words;
  tell(words ? "words" : "");
}

// Said once, and until somebody is.
export const isSignedOut = () => tell("signed-out");
export function isSignedIn() {
  if (trouble?.querySelector("[data-if=signed-out]").hidden === false) tell("");
}

function tell(what) {
  if (!trouble) return;
  for (const part of trouble.querySelectorAll("[data-if]")) part.hidden = part.dataset.if !== what;
  trouble.hidden = !what;
}

// Every message of this chat that has not arrived, behind all others.
export async function show() {
  const all = await unsent(chat);
  const entries = all.filter((entry) => entry.isUsed || !hasArrived(entry));
  // The day was over, and yet it had got through.
  for (const entry of all) if (entry.state === "failed" && !entries.includes(entry)) drop(entry.number);
  const keys = new Set(entries.map(({ key }) => key));
  if (box) all.forEach(isNoDraft);
  for (const line of [...waiting.children]) if (!keys.has(line.dataset.key)) leave(line);
  let isStuck = !navigator.onLine;
  let note;
  for (const entry of entries) {
    if (entry.state === "queued") {
      isStuck ||= entry.tries > 0;
      note ??= entry.note;
    }
    draw(entry, isStuck, note);
  }
}

const hasArrived = ({ key }) => list.querySelector(`[data-key="${CSS.escape(key)}"]`);

// Another tab that began with the same words has sent them. Whoever went on here says something else.
function isNoDraft({ key, words }) {
  if (key !== form.elements.client_id.value) return;
  if (box.value.trim() === words) clear();
  else form.elements.client_id.value = crypto.randomUUID();
}

function clear() {
  forget(form.elements.client_id.value);
  form.elements.client_id.value = crypto.randomUUID();
  box.value = "";
}

export function leave(line) {
  if (line?.contains(document.activeElement)) box?.focus();
  line?.remove();
}

export const lineOnItsWay = (key) => waiting.querySelector(`[data-key="${CSS.escape(key)}"]`);

// What keeps the first one keeps the others, too.
function draw(entry, isStuck, note) {
  const line = lineOnItsWay(entry.key) ?? make(entry);
  if (entry.state === "warned") import("care/warned").then(({ ask }) => ask(entry));
  const state = ["failed", "warned"].includes(entry.state) ? entry.state : note ? "later" : isStuck ? "queued" : line.dataset.state;
  line.querySelector("[data-why]").textContent = entry.why ?? "";
  line.querySelector("[data-note]").textContent = note ?? "";
  mark(line, state);
}

function make(entry) {
  const line = bubble.cloneNode(true);
  line.dataset.key = entry.key;
  line.querySelector(".bubble__words").textContent = entry.words;
  line.querySelector("[data-again]").addEventListener("click", () => { box?.focus(); again(entry.number); });
  line.querySelector("[data-drop]").addEventListener("click", () => drop(entry.number));
  waiting.append(line);
  return line;
}

function mark(line, state) {
  line.dataset.state = state ?? "";
  for (const part of line.querySelectorAll("[data-if]")) part.hidden = part.dataset.if !== state;
}

// Only what takes a while is worth a word.
export function isSending(key) {
  setTimeout(() => {
    const line = lineOnItsWay(key);
    if (line && !["queued", "failed", "later", "warned"].includes(line.dataset.state)) mark(line, "sending");
  }, SLOW);
}

// Whose words go is signed in.
news.addEventListener("news", ({ detail: { what } }) => {
  if (what === "sent" && trouble?.querySelector("[data-if=words]").hidden) say("");
});

// Phones that do not make the page smaller for their keyboard.
function makeRoom() {
  const hidden = innerHeight - visualViewport.height;
  const isKeyboard = hidden > KEYBOARD && visualViewport.scale === 1;
  document.documentElement.style.setProperty("--kb", isKeyboard ? `${hidden}px` : "0px");
}

// “Ask a question first” stands in a part of the page that is put there anew.
document.addEventListener("click", (event) => {
  if (!box || !event.target.closest('a[href="#composer"]')) return;
  event.preventDefault();
  box.focus();
});
