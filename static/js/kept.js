// Words that were typed and not sent survive a reload, a closed tab and a lost signal, on this device only.

const PAUSE = 300;
const DAYS = 30 * 24 * 60 * 60 * 1000;
const prefix = `draft:${document.body.dataset.member}:`;
const here = prefix + location.pathname;

// Not somebody else's, nor old ones.
for (const key of drafts()) {
  if (!key.startsWith(prefix) || Date.now() - read(key).at > DAYS) localStorage.removeItem(key);
}

// The server names the page whose form it has taken; until it does, the words stay.
const taken = document.cookie.match(/(?:^|; )taken=([^;]+)/)?.[1];
if (taken) {
  localStorage.removeItem(prefix + decodeURIComponent(taken));
  document.cookie = "taken=; path=/; max-age=0";
}

// What has a key was never sent before; a text that is edited stands on the server already.
const box = document.querySelector("main form[method=post]:has([name=client_id]) textarea");
if (box) keep(box, box.form.elements.client_id);

// Words that are safe elsewhere; what was begun since then is not among them.
export function forget(key) {
  if (read(here).key === key) localStorage.removeItem(here);
}

function keep(box, key) {
  const kept = read(here);
  if (!box.value && kept.words) {
    box.value = kept.words;
    key.value = kept.key;
    box.dispatchEvent(new Event("input", { bubbles: true }));
  }
  // On a slow line people write before this file is here.
  save(box, key);
  let waiting;
  box.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(save, PAUSE, box, key);
  });
  addEventListener("pagehide", () => save(box, key));
  box.form.addEventListener("submit", () => save(box, key));
}

function save(box, key) {
  // In another tab the person has signed out, and nothing may come back.
  if (localStorage.getItem("member") !== document.body.dataset.member) return;
  if (!box.value) return forget(key.value);
  if (box.value === box.defaultValue) return;
  const draft = { words: box.value, key: key.value, at: Date.now() };
  localStorage.setItem(here, JSON.stringify(draft));
}

function read(name) {
  try {
    return JSON.parse(localStorage.getItem(name)) ?? {};
  } catch {
    return {};
  }
}

function drafts() {
  return Object.keys(localStorage).filter((key) => key.startsWith("draft:"));
}
