// For those who listen: one place that speaks, and never talks over somebody who writes.

import { lastTyped } from "care/composer";

const BURST = 1_200;
const TYPING = 2_000;
const HEARD = 7_000;

const { other } = document.querySelector("[data-thread]").dataset;
const announcer = document.querySelector("[data-announcer]");
const alarm = document.querySelector("[data-alarm]");
let heard = [];
let speaking;

// Lines that came in at the end; several at once are one sentence.
export function announce(lines) {
  heard.push(...lines.map((line) => ({ isSaid: line.dataset.from === "other", words: inWords(line) })));
  speaking ??= setTimeout(speak, BURST);
}

export const isSent = () => say(announcer, "Sent");
export const isNotSent = () => say(alarm, "Not sent");

// What was said or has happened; when is no news, it is now.
function inWords(line) {
  const said = line.querySelector(".bubble__words, .bubble__gone") ?? line.querySelector("p");
  const words = [...said.childNodes].filter((part) => !part.classList?.contains("log__when"));
  const text = words.map((part) => part.textContent).join("").trim();
  return line.dataset.from === "other" ? `${other}: ${text}` : text;
}

function speak() {
  if (Date.now() - lastTyped() < TYPING) return (speaking = setTimeout(speak, TYPING));
  const messages = heard.filter(({ isSaid }) => isSaid);
  const others = heard.filter(({ isSaid }) => !isSaid).map(({ words }) => words);
  const many = [`${messages.length} new messages from ${other}`];
  say(announcer, [...(messages.length > 2 ? many : messages.map(({ words }) => words)), ...others].join(" "));
  heard = [];
  speaking = undefined;
}

function say(place, words) {
  place.textContent = words;
  setTimeout(() => { if (place.textContent === words) place.textContent = ""; }, HEARD);
}
