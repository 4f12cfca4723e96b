// Who reads further up is not moved by what comes in below: a button says how much it is, and leads there.

import { holding, isAtEnd, leadOn, lineOf, list, log, replaceAll, said, toTheEnd, ways } from "care/log";
import { ask, isBehind, keepUp, refresh } from "care/thread";

const button = document.querySelector("[data-fresh]");
let missed = 0;
let first;

export function offer(lines) {
  if (!first) begin(lines[0]);
  missed += lines.length;
  button.textContent = missed === 1 ? "1 new message" : `${missed} new messages`;
  button.hidden = false;
}

// What was said meanwhile begins with a line and is a group of its own, as where a page is opened with new words.
function begin(line) {
  first = line.id;
  if (!line.isConnected) return;
  const words = Object.assign(document.createElement("span"), { textContent: "New" });
  const mark = Object.assign(document.createElement("li"), { className: "log__new" });
  mark.append(words);
  holding(() => {
    list.querySelector(".log__new")?.remove();
    said()[said().indexOf(line) - 1]?.classList.add("bubble--last");
    line.classList.add("bubble--first");
    line.before(mark);
  });
}

button.addEventListener("click", async () => {
  if (!(await toNewest())) return (button.textContent = "We could not load them. Try again");
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

// The end of the thread may have left this page: then it comes back whole. False where there is no signal.
export async function toNewest() {
  if (!ways.after.hidden) {
    const found = await ask("").catch(() => null);
    if (!found) return false;
    putWhole(found.part);
  }
  toTheEnd();
  return true;
}

function putWhole(part) {
  const { first, last } = part.dataset;
  replaceAll(part.querySelector("[data-lines]").children);
  keepUp(part.dataset);
  leadOn("before", first > 1 && first);
  leadOn("after", isBehind(last) && last);
  refresh();
}
