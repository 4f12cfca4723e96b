// Further back in the thread, and forward again.

import { append, holding, leadOn, prepend, said, ways } from "care/log";
import { ask, isBehind, refresh } from "care/thread";

const SLOW = 400;
const WORDS = { before: "Show older messages", after: "Show newer messages" };

export async function more(way) {
  const place = ways[way];
  const link = place.querySelector("a");
  if (place.hidden || link.ariaBusy === "true") return;
  const slow = setTimeout(() => { link.textContent = "Loading…"; }, SLOW);
  link.ariaBusy = "true";
  try {
    const { part } = await ask(link.search);
    put(way, part, document.activeElement === link);
    link.textContent = WORDS[way];
    delete place.dataset.wasAway;
  } catch {
    link.textContent = "We could not load them. Try again";
  }
  clearTimeout(slow);
  link.removeAttribute("aria-busy");
}

function put(way, part, hadFocus) {
  const { first, last } = part.dataset;
  const lines = [...part.querySelector("[data-lines]").children];
  const isBack = way === "before";
  // The link that goes and the words of a state that come are as high as a line or two.
  holding(() => {
    leadOn(way, isBack ? first > 1 && first : isBehind(last) && last);
    (isBack ? prepend : append)(lines);
    refresh();
  });
  if (hadFocus && ways[way].hidden) said().at(isBack ? 0 : -1).focus({ preventScroll: true });
}
