// “Offer help” opens over the request where there is room. The page behind the link does the same without us.

import { behind, fetched, fill, frame, sent } from "care/dialogs";
import { begin, end } from "care/sending";

const ROOM = matchMedia("(min-width: 48rem) and (min-height: 34rem)");

for (const link of document.querySelectorAll("[data-opens-offer]")) {
  link.addEventListener("click", (event) => {
    if (!ROOM.matches || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    open(link);
  });
}

async function open(link) {
  const part = await behind(link);
  if (!part) return;
  if (!part.nodes) return location.assign(part.next ?? link.href);
  const dialog = frame("dialog offer-dialog", "offer-title");
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
  const ways = { stay, go: () => dialog.close() };
  fill(dialog, nodes, (form, button) => send(dialog, form, button), (way) => (ways[way] ?? leave)(dialog));
  if (!dialog.querySelector(".error-summary")) dialog.querySelector("h2[tabindex]")?.focus();
}

async function send(dialog, form, button) {
  say(form, null);
  begin(form, button);
  try {
    if (form.dataset.isStale) await renew(form);
    const part = await sent(form, button);
    // It stays busy until the next page is here.
    if (part.next && !part.isSignedOut) return location.assign(part.next);
    if (part.nodes) return show(dialog, part.nodes);
    form.dataset.isStale = "true";
    say(form, part.isSignedOut ? "signed-out" : "fault", part.code);
  } catch {
    say(form, navigator.onLine ? "lost" : "offline");
  }
  end(form);
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
