// The menu of a bubble: it opens where there is room, Esc closes it, and editing and deleting happen in place.

import { behind, fill, frame, sent } from "care/dialogs";
import { log } from "care/log";
import { begin, end } from "care/sending";
import { look } from "care/thread";

const SHORTLY = 2_000;

const copies = document.querySelector("[data-copies]").content;

export function first(event) {
  if (event.target.matches?.("details.menu")) place(event.target);
}

document.addEventListener("toggle", first, true);
document.addEventListener("keydown", close);
document.addEventListener("click", leave);
document.addEventListener("click", act);

function place(menu) {
  const list = menu.querySelector(".menu__list");
  menu.classList.remove("menu--up");
  list.style.inset = "";
  if (!menu.open || !log.contains(menu)) return;
  if (!menu.querySelector("[data-copy]") && menu.parentElement.querySelector(".bubble__words")) list.append(copies.cloneNode(true));
  const room = log.getBoundingClientRect();
  const { height, width } = list.getBoundingClientRect();
  const opener = menu.getBoundingClientRect();
  const hasRoomBelow = opener.bottom + height <= room.bottom;
  const hasRoomAbove = opener.top - height > room.top;
  menu.classList.toggle("menu--up", !hasRoomBelow && hasRoomAbove);
  // Neither, with the keyboard up: over the words, as far down as can be seen, and beside what opened it.
  if (!hasRoomBelow && !hasRoomAbove) {
    const { left, top } = list.offsetParent.getBoundingClientRect();
    const side = opener.left < room.left + room.width / 2 ? opener.right : opener.left - width;
    const start = Math.max(room.left, Math.min(side, room.right - width));
    list.style.inset = `${room.bottom - height - top}px auto auto ${start - left}px`;
  }
  list.scrollIntoView({ block: "nearest" });
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
  const copy = event.target.closest("[data-copy] button");
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
  const part = await behind(link);
  if (!part) return;
  if (!part.nodes) return goTo(part.next ?? link.href);
  const summary = link.closest("details").querySelector("summary");
  link.closest("details").open = false;
  const dialog = frame("dialog", "in-place-title");
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
  fill(dialog, nodes, (form, button) => send(dialog, form, button), () => dialog.close());
}

async function send(dialog, form, button) {
  const trouble = dialog.querySelector("[data-trouble]");
  trouble.hidden = true;
  begin(form, button);
  try {
    const part = await sent(form, button);
    if (part.nodes) return show(dialog, part.nodes);
    // The words are kept there until somebody has signed in.
    if (part.isSignedOut) return location.assign(part.next);
    if (part.next) {
      await look();
      return dialog.close();
    }
    trouble.hidden = false;
  } catch {
    trouble.hidden = false;
  }
  end(form);
}
