// In the list of chats: what was begun there, and what has not been sent, on this device.

const { member } = document.body.dataset;
const MANY = 200;

export async function show() {
  const waiting = await notSent();
  for (const row of document.querySelectorAll(".talk")) {
    const { pathname } = new URL(row.querySelector(".talk__link").href);
    const mine = waiting.filter(({ chat }) => pathname === `/messages/${chat}/`);
    const failed = mine.find(({ state }) => state === "failed");
    if (failed) say(row, "Not sent:", failed.words);
    else if (mine.length) say(row, "Not sent yet:", mine.at(-1).words);
    else say(row, "Draft:", row.matches(".talk--open") ? "" : draft(pathname));
  }
}

async function notSent() {
  if (!localStorage.getItem(`unsent:${member}`)) return [];
  const { news, unsent } = await import("care/outbox");
  news.addEventListener("news", show);
  return unsent().catch(() => []);
}

function draft(pathname) {
  try {
    return JSON.parse(localStorage.getItem(`draft:${member}:${pathname}`)).words.trim();
  } catch {
    return "";
  }
}

// It stands where the last words do; only of new ones both are worth the room.
function say(row, what, words) {
  const last = row.querySelector(".talk__last:not([data-mine])");
  row.querySelector("[data-mine]")?.remove();
  last.hidden = Boolean(words) && !row.matches(".talk--new");
  if (!words) return;
  const line = last.cloneNode();
  line.dataset.mine = "";
  line.hidden = false;
  const name = document.createElement("b");
  name.textContent = what;
  line.append(name, ` ${words.slice(0, MANY)}`);
  last.before(line);
}

addEventListener("pageshow", ({ persisted }) => persisted && show());
show();
