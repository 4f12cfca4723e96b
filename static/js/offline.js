// Says when there is no signal, and stops what would be lost: the words stay in their form.

const OFFLINE = "You are offline.";
const KEPT = "You are offline. Your words are still here; send them when you are back.";
const GOES_LATER = "You are offline. We will send this when you are back.";
const LATER = "You are offline. Press again when you are back.";
const BACK = "You are back online.";
const FIELDS = ":is(textarea, select, input:not([type=hidden]))";

let bar;
let sent;

function say(words) {
  if (!bar?.isConnected) {
    bar = document.createElement("p");
    bar.className = "signal";
    bar.setAttribute("role", "status");
    document.querySelector("main").before(bar);
  }
  // Only what changes is read aloud, also when the same is said again.
  bar.textContent = "";
  requestAnimationFrame(() => { bar.textContent = words; });
}

function isOffline() {
  // A message waits on this device and goes by itself (outbox.js); every other form has to be pressed again.
  if (document.querySelector("[data-outbox]")) return say(GOES_LATER);
  say(document.querySelector(`form[method=post] ${FIELDS}`) ? KEPT : OFFLINE);
}

function keep(form) {
  say(form.querySelector(FIELDS) ? KEPT : LATER);
}

// No toast with a timer: the good news goes when the person goes on. Not before the finger is up again, or what it
// presses would move away under it.
function isOnline() {
  if (!bar?.isConnected) return;
  say(BACK);
  for (const act of ["click", "keydown"]) addEventListener(act, leave, { once: true });
}

function leave() {
  if (navigator.onLine) bar?.remove();
}

addEventListener("offline", isOffline);
addEventListener("online", isOnline);
if (!navigator.onLine) isOffline();

// Before every other listener, so that none of them takes the form for sent.
document.addEventListener("submit", (event) => {
  if (event.target.method !== "post" || event.target.matches("[data-outbox=on]")) return;
  if (navigator.onLine) {
    sent = event.target;
    return leave();
  }
  event.preventDefault();
  event.stopImmediatePropagation();
  keep(event.target);
}, true);

const worker = navigator.serviceWorker;

// There seemed to be a signal, and the form did not get through. The person is still here, and so are the words.
worker?.addEventListener("message", ({ data, ports }) => {
  if (!sent?.isConnected || new URL(sent.action).pathname !== new URL(data.unsent).pathname) return;
  ports[0].postMessage("said");
  // As if coming back to the page: whoever changed it for the sending puts it right again.
  dispatchEvent(new PageTransitionEvent("pageshow", { persisted: true }));
  keep(sent);
  sent = undefined;
});

// Not beside the page's own files: a slow phone has enough to fetch.
if (document.readyState === "complete") register();
else addEventListener("load", register);

function register() {
  worker?.register("/sw.js").catch(() => {});
  worker?.ready.then(({ active }) => active.postMessage({ look: { ...document.documentElement.dataset } }));
}
