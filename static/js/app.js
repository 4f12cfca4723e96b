// The way in: what every page needs, and the rest when a page asks for it.

const year = 60 * 60 * 24 * 365;
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
if (zone) document.cookie = `tz=${encodeURIComponent(zone)}; path=/; max-age=${year}; samesite=lax`;

const needs = {
  "care/offline": "main",
  "care/flash": ".flash__close",
  "care/sending": "form[method=post]:not([data-outbox])",
  "care/password": ".password__show",
  "care/counter": "[data-limit]:not(.composer *)",
  "care/news": "[data-standing]",
  "care/drafts": ".talk",
  "care/countdown": "[data-countdown]",
  "care/kept": "[data-member]",
  "care/filters": ".browse",
  "care/offer": "[data-opens-offer]",
  "care/beside": ["[data-beside]", "(min-width: 64rem)"],
  "care/starters": "[data-starter]",
};

// Messages that wait for signal go from any page of whoever wrote them, also where another tab leaves them behind; of
// somebody else's we only ask.
const { member } = document.body.dataset;
if (member) localStorage.setItem("member", member);
else localStorage.removeItem("member");
addEventListener("storage", sendWhatIsLeft);
sendWhatIsLeft();
for (const key of Object.keys(localStorage)) {
  const isStrange = member && key.startsWith("unsent:") && key !== `unsent:${member}`;
  if (isStrange && !document.querySelector("[data-thread]")) import("care/strangers");
}

function sendWhatIsLeft() {
  if (localStorage.getItem(`unsent:${member}`)) import("care/outbox");
}

// A selector, and for some the screens they are for: a phone does not fetch what only a wide one uses.
for (const [name, need] of Object.entries(needs)) {
  const [selector, media = "all"] = [need].flat();
  const fitting = matchMedia(media);
  if (!document.querySelector(selector)) continue;
  if (fitting.matches) import(name);
  else fitting.addEventListener("change", () => import(name), { once: true });
}
