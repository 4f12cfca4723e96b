// “Offer help” opens over the request where there is room. The page behind the link does the same without us.

import { follow } from "care/counter";
import { begin, end } from "care/sending";

const ROOM = matchMedia("(min-width: 48rem) and (min-height: 34rem)");
const HEADERS = { "HX-Request": "true" };
const PATIENCE = 15_000;

for (const link of document.querySelectorAll("[data-opens-offer]")) {
  link.addEventListener("click", (event) => {
    if (!ROOM.matches || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    if (!document.querySelector("dialog[open]") && link.ariaBusy !== "true") open(link);
  });
}

async function open(link) {
  link.ariaBusy = "true";
  const part = await fetched(link.href).catch(() => null);
  link.removeAttribute("aria-busy");
  if (!part?.nodes) return location.assign(part?.next ?? link.href);
  const dialog = document.createElement("dialog");
  dialog.className = "dialog offer-dialog";
  dialog.setAttribute("aria-labelledby", "offer-title");
  document.body.append(dialog);
  show(dialog, part.nodes);
  dialog.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    event.preventDefault();
    leave(dialog);
  });
  // The way back of a tablet, which is no key.
  dialog.addEventListener("cancel", (event) => {
    event.preventDefault();
    leave(dialog);
  });
  dialog.addEventListener("close", () => dialog.remove());
  dialog.showModal();
  dialog.querySelector("textarea").focus();
}

function show(dialog, nodes) {
  dialog.replaceChildren(...nodes);
  dialog.scrollTop = 0;
  dialog.querySelectorAll("[data-limit]").forEach(follow);
  dialog.querySelector(".error-summary, h2[tabindex]")?.focus();
  const form = dialog.querySelector("form");
  form?.addEventListener("submit", (event) => {
    event.preventDefault();
    if (form.ariaBusy !== "true") send(dialog, form, event.submitter);
  });
  for (const way of dialog.querySelectorAll("[data-leave]")) {
    way.addEventListener("click", (event) => {
      event.preventDefault();
      way.dataset.leave === "stay" ? stay(dialog) : way.dataset.leave === "go" ? dialog.close() : leave(dialog);
    });
  }
}

async function send(dialog, form, button) {
  say(form, null);
  begin(form, button);
  try {
    if (form.dataset.isStale) await renew(form);
    const body = new URLSearchParams(new FormData(form));
    const part = await fetched(form.action, { method: "POST", body });
    // It stays busy until the next page is here.
    if (part.next) return location.assign(part.next);
    if (part.nodes) return show(dialog, part.nodes);
    form.dataset.isStale = "true";
    say(form, part.isSignedOut ? "signed-out" : "fault", part.code);
  } catch {
    say(form, navigator.onLine ? "lost" : "offline");
  }
  end(form);
}

// What the server answered: a part to show, the address it leads to, or neither.
async function fetched(url, more = {}) {
  const answer = await fetch(url, { headers: HEADERS, signal: AbortSignal.timeout(PATIENCE), ...more });
  const next = answer.headers.get("HX-Redirect");
  if (next && new URL(next, url).pathname !== "/login/") return { next };
  if (next) return more.method ? { isSignedOut: true } : { next };
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const code = answer.headers.get("X-Request-ID")?.slice(-4).toUpperCase();
  return page.querySelector("[data-offer]") ? { nodes: page.body.childNodes } : { code };
}

// After signing in again, in another tab, the form needs a new proof that it is ours.
async function renew(form) {
  const part = await fetched(form.action);
  const fresh = [...(part.nodes ?? [])].find((node) => node.querySelector)?.querySelector("[name=csrfmiddlewaretoken]");
  if (!fresh) return;
  form.csrfmiddlewaretoken.value = fresh.value;
  delete form.dataset.isStale;
}

function say(form, what, code) {
  const trouble = form.querySelector("[data-trouble]");
  for (const words of trouble.querySelectorAll("[data-if]")) words.hidden = words.dataset.if !== what;
  form.faults = (form.faults ?? 0) + (what === "fault");
  trouble.querySelector("[data-code]").textContent = form.faults > 1 && code ? `Error ${code}` : "";
  trouble.hidden = !what;
}

function leave(dialog) {
  const box = dialog.querySelector("textarea");
  const question = dialog.querySelector("[data-question]");
  if (!box?.value.trim() || !question) return dialog.close();
  if (!question.hidden) return stay(dialog);
  ask(dialog, true);
  question.querySelector("button").focus();
}

function stay(dialog) {
  ask(dialog, false);
  dialog.querySelector("textarea").focus();
}

function ask(dialog, isAsked) {
  dialog.querySelector("[data-question]").hidden = !isAsked;
  dialog.querySelector("form > .buttons").hidden = isAsked;
}
