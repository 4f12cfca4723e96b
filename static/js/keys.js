// By keyboard through one conversation: F6 from part to part, arrows from bubble to bubble, Alt+End to the newest.

import { log, said } from "care/log";

const STEPS = { ArrowDown: 1, ArrowUp: -1 };
// The box; where nobody can write, whatever can be pressed there.
const inComposer = (what) => [...document.querySelectorAll(`.composer :is(${what})`)].find((it) => it.checkVisibility());
const parts = () => [document.querySelector(".thread-head__back"), log, inComposer("textarea") ?? inComposer("a, button") ?? log];

export function first(event) {
  if (event.key === "F6") return goOn(event);
  if (event.key === "End" && event.altKey) return toEnd(event);
  if (event.key in STEPS && log.contains(event.target) && !event.target.closest("details[open]")) step(event);
}

document.addEventListener("keydown", first);

function goOn(event) {
  event.preventDefault();
  const all = parts();
  const now = all.findIndex((part) => part.closest(".header, .log, .composer").contains(document.activeElement));
  const next = (now + (event.shiftKey ? all.length - 1 : 1)) % all.length;
  const line = all[next] === log && said().at(-1);
  (line || all[next]).focus();
}

async function toEnd(event) {
  event.preventDefault();
  const { toNewest } = await import("care/missed");
  await toNewest();
  said().at(-1)?.focus({ preventScroll: true });
}

function step(event) {
  const lines = said();
  const here = lines.indexOf(event.target.closest("[data-sequence]"));
  const line = here < 0 ? lines.at(-1) : lines[here + STEPS[event.key]];
  event.preventDefault();
  if (!line) return;
  for (const one of lines) one.tabIndex = one === line ? 0 : -1;
  line.focus({ preventScroll: true });
  line.scrollIntoView({ block: "nearest" });
}
