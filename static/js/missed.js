// Who reads further up is not moved by what comes in below: a button says how much it is, and leads there.

import { isAtEnd, leadOn, lineOf, log, replaceAll, said, toTheEnd, ways } from "care/log";
import { ask, keepUp, refresh } from "care/thread";

const button = document.querySelector("[data-fresh]");
let missed = 0;
let first;

export function offer(lines) {
  first ??= lines[0].id;
  missed += lines.length;
  button.textContent = missed === 1 ? "1 new message" : `${missed} new messages`;
  button.hidden = false;
}

button.addEventListener("click", async () => {
  if (ways.after.hidden) toTheEnd();
  else await toNewest();
  const line = lineOf(first) ?? said().at(-1);
  line.focus({ preventScroll: true });
  line.scrollIntoView({ block: "nearest" });
  forget();
});

log.addEventListener("scroll", () => missed && isAtEnd() && forget(), { passive: true });

function forget() {
  missed = 0;
  first = undefined;
  button.hidden = true;
}

// The end of the thread has left this page: it comes back whole.
export async function toNewest() {
  const { part } = await ask("");
  replaceAll(part.querySelector("[data-lines]").children);
  leadOn("before", part.dataset.first > 1 && part.dataset.first);
  leadOn("after", null);
  keepUp(part.dataset);
  refresh();
  toTheEnd();
}
