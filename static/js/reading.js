// Read is what stood on the screen for a second, in a tab somebody was looking at.

import { backwards, log } from "care/log";
import { renew, tokenNow } from "care/outbox";
import { look } from "care/thread";

const LONG_ENOUGH = 1_000;
const LATER = 15_000;
// Too slow, or too often.
const PASSING = [408, 429];

const at = document.querySelector("[data-thread]").dataset;
const inView = new Set();
const steps = Array.from({ length: 11 }, (_, number) => number / 10);
let considering;

const watcher = new IntersectionObserver((seen) => {
  for (const { target, intersectionRatio, intersectionRect, rootBounds } of seen) {
    // A long one may never stand there half.
    const isSeen = intersectionRatio >= 0.5 || intersectionRect.height >= rootBounds.height / 2;
    inView[isSeen ? "add" : "delete"](target);
  }
  consider();
}, { root: log, threshold: steps });

for (const act of ["focus", "blur"]) addEventListener(act, consider);
document.addEventListener("visibilitychange", consider);

const isUnread = (line) => Number(line.dataset.sequence) > at.read && line.dataset.from !== "me";

export function watch() {
  for (const line of backwards()) {
    if (Number(line.dataset.sequence) <= at.read) break;
    if (isUnread(line)) watcher.observe(line);
  }
}

const isLookedAt = () => document.hasFocus() && document.visibilityState === "visible";

function consider() {
  clearTimeout(considering);
  if (inView.size && isLookedAt()) considering = setTimeout(read, LONG_ENOUGH);
}

async function read() {
  const sequence = Math.max(...[...inView].map((line) => Number(line.dataset.sequence)));
  if (!isLookedAt() || sequence <= at.read) return;
  const status = await tell(sequence).catch(() => 0);
  if (status >= 400 && status < 500 && !PASSING.includes(status)) return giveUp();
  if (!status || status >= 400) return (considering = setTimeout(consider, LATER));
  at.read = sequence;
  for (const line of [...inView]) {
    if (isUnread(line)) continue;
    watcher.unobserve(line);
    inView.delete(line);
  }
  // The numbers of what is unread, above and in the list beside.
  look();
  document.dispatchEvent(new Event("read"));
}

// Refused for good: nothing is asked again before there is more to read.
function giveUp() {
  watcher.disconnect();
  inView.clear();
}

// Whoever signed in again in another tab has another token since.
async function tell(sequence, isSecond = false) {
  const answer = await fetch(`/api/messaging/conversations/${at.thread}/read`, {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-CSRFToken": tokenNow() },
    body: JSON.stringify({ sequence }),
  });
  if (answer.status === 403 && !isSecond && (await renew())) return tell(sequence, true);
  return answer.status;
}
