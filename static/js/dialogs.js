// The page of a link, over the page that stands here: asked for as a part, framed, and its form sent from where it is.

import { follow } from "care/counter";

const HEADERS = { "HX-Request": "true", "X-Zone": document.body.dataset.zone };
const PATIENCE = 15_000;
const SLOW = 400;

// What the server answered: a part to show, the address it leads to, or neither.
export async function fetched(url, more = {}) {
  const answer = await fetch(url, { headers: HEADERS, signal: AbortSignal.timeout(PATIENCE), ...more });
  const next = answer.headers.get("HX-Redirect");
  if (next) return { next, isSignedOut: new URL(next, url).pathname === "/login/" };
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const code = answer.headers.get("X-Request-ID")?.slice(-4).toUpperCase();
  return page.querySelector("[data-offer], [data-in-place-form]") ? { nodes: page.body.childNodes } : { code };
}

// What stands behind a link, which says so if it takes long. Nothing if it was pressed already.
export async function behind(link) {
  if (link.ariaBusy === "true" || document.querySelector("dialog[open]")) return null;
  link.ariaBusy = "true";
  const words = link.querySelector("span") ?? link;
  const resting = [...words.childNodes];
  const slow = setTimeout(() => words.replaceChildren("Opening…"), SLOW);
  const part = await fetched(link.href).catch(() => ({}));
  clearTimeout(slow);
  words.replaceChildren(...resting);
  link.removeAttribute("aria-busy");
  return part;
}

export const sent = (form, button) =>
  fetched(form.action, { method: "POST", body: new URLSearchParams(new FormData(form, button)) });

export function frame(look, name) {
  const dialog = document.createElement("dialog");
  dialog.className = look;
  dialog.setAttribute("aria-labelledby", name);
  document.body.append(dialog);
  return dialog;
}

export function fill(dialog, nodes, send, leave) {
  dialog.replaceChildren(...nodes);
  dialog.scrollTop = 0;
  dialog.querySelectorAll("[data-limit]").forEach(follow);
  dialog.querySelector(".error-summary")?.focus();
  const form = dialog.querySelector("form");
  form?.addEventListener("submit", (event) => {
    event.preventDefault();
    if (form.ariaBusy !== "true") send(form, event.submitter);
  });
  for (const way of dialog.querySelectorAll("[data-leave]")) {
    way.addEventListener("click", (event) => {
      event.preventDefault();
      leave(way.dataset.leave);
    });
  }
}
