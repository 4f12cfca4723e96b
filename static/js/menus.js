// The menu of a bubble: it opens where there is room, Esc closes it, and editing and deleting happen in place.

import { log } from "care/log";
import { begin, end } from "care/sending";
import { look } from "care/thread";

const SLOW = 400;
const SHORTLY = 2_000;
const HEADERS = { "HX-Request": "true" };
const PATIENCE = 15_000;

export function first(event) {
  if (event.target.matches?.("details.menu")) place(event.target);
}

document.addEventListener("toggle", first, true);
document.addEventListener("keydown", close);
document.addEventListener("click", leave);
document.addEventListener("click", act);

function place(menu) {
  menu.classList.remove("menu--up");
  if (!menu.open || !log.contains(menu)) return;
  for (const item of menu.querySelectorAll("[data-copies]")) item.hidden = false;
  const room = log.getBoundingClientRect();
  const items = menu.querySelector(".menu__list").getBoundingClientRect();
  const opener = menu.getBoundingClientRect();
  const hasRoomAbove = opener.top - items.height > room.top;
  menu.classList.toggle("menu--up", opener.bottom + items.height > room.bottom && hasRoomAbove);
  menu.querySelector(".menu__list").scrollIntoView({ block: "nearest" });
}

function close(event) {
  const menu = event.key === "Escape" && document.querySelector("details.menu[open]");
  if (!menu) return;
  menu.open = false;
  menu.querySelector("summary").focus();
}

function leave(event) {
  const menu = document.querySelector("details.menu[open]");
  if (menu && !menu.contains(event.target)) menu.open = false;
}

function act(event) {
  const link = event.target.closest("a[data-in-place]");
  const copy = event.target.closest("[data-copies] button");
  if (copy) return takeAlong(copy);
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  open(link);
}

async function takeAlong(button) {
  const words = button.closest(".bubble").querySelector(".bubble__words");
  const said = button.querySelector("span");
  const copy = words.cloneNode(true);
  copy.querySelectorAll(".link__site").forEach((site) => site.remove());
  said.setAttribute("role", "status");
  said.textContent = await navigator.clipboard.writeText(copy.textContent).then(() => "Copied", () => "We could not copy it");
  setTimeout(() => { said.textContent = "Copy"; }, SHORTLY);
}

// The page of the link, over the thread: the place in it stays as it is.
async function open(link) {
  if (link.ariaBusy === "true" || document.querySelector("dialog[open]")) return;
  link.ariaBusy = "true";
  const words = link.querySelector("span");
  const resting = words.textContent;
  const slow = setTimeout(() => { words.textContent = "Loading…"; }, SLOW);
  const part = await fetched(link.href).catch(() => null);
  clearTimeout(slow);
  words.textContent = resting;
  link.removeAttribute("aria-busy");
  if (!part?.nodes) return goTo(part?.next ?? link.href);
  const summary = link.closest("details").querySelector("summary");
  link.closest("details").open = false;
  const dialog = document.createElement("dialog");
  dialog.className = "dialog";
  dialog.setAttribute("aria-labelledby", "in-place-title");
  document.body.append(dialog);
  show(dialog, part.nodes);
  dialog.addEventListener("close", () => {
    const place = summary.isConnected ? summary : document.getElementById(summary.dataset.of);
    dialog.remove();
    (place ?? log).focus({ preventScroll: true });
  });
  summary.dataset.of = summary.closest("[data-sequence]").id;
  dialog.showModal();
  (dialog.querySelector("textarea") ?? dialog.querySelector("h2")).focus();
}

// Somewhere else; or this page anew, which then says what is wrong.
function goTo(url) {
  location.assign(url);
  if (new URL(url, location.href).pathname === location.pathname) location.reload();
}

function show(dialog, nodes) {
  dialog.replaceChildren(...nodes);
  const box = dialog.querySelector("[data-limit]");
  if (box) import("care/counter").then(({ follow }) => follow(box));
  dialog.querySelector(".error-summary")?.focus();
  const form = dialog.querySelector("form");
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (form.ariaBusy !== "true") send(dialog, form, event.submitter);
  });
  for (const way of dialog.querySelectorAll("[data-leave]")) {
    way.addEventListener("click", (event) => {
      event.preventDefault();
      dialog.close();
    });
  }
}

async function send(dialog, form, button) {
  const trouble = dialog.querySelector("[data-trouble]");
  trouble.hidden = true;
  begin(form, button);
  try {
    const part = await fetched(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)) });
    if (part.nodes) return show(dialog, part.nodes);
    if (part.next && new URL(part.next, location.href).pathname !== "/login/") {
      await look();
      return dialog.close();
    }
    if (part.next) return location.assign(part.next);
    trouble.hidden = false;
  } catch {
    trouble.hidden = false;
  }
  end(form);
}

// What the server answered: a part to show, the address it leads to, or neither.
async function fetched(url, more = {}) {
  const answer = await fetch(url, { headers: HEADERS, signal: AbortSignal.timeout(PATIENCE), ...more });
  const next = answer.headers.get("HX-Redirect");
  if (next) return { next };
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  return page.querySelector("[data-in-place-form]") ? { nodes: page.body.childNodes } : {};
}
