// Messages that somebody else wrote on this device and that have not been sent. Nobody but they may see the words.

import { wipe } from "care/outbox";

const ASKED = "asked-about-strangers";
const { member } = document.body.dataset;

if (!sessionStorage.getItem(ASKED)) ask();

function others() {
  return Object.keys(localStorage).filter((key) => key.startsWith("unsent:") && key !== `unsent:${member}`);
}

function ask() {
  const count = others().reduce((sum, key) => sum + Number(localStorage.getItem(key)), 0);
  const note = document.createElement("div");
  note.className = "note note--info";
  note.setAttribute("role", "group");
  note.setAttribute("aria-label", "Messages by someone else");
  const words = document.createElement("p");
  words.textContent = count === 1
    ? "Someone else wrote a message on this device, and it has not been sent. It will go when they sign in here again."
    : `Someone else wrote ${count} messages on this device, and they have not been sent. They will go when that person signs in here again.`;
  const buttons = document.createElement("div");
  buttons.className = "buttons";
  buttons.append(button("Keep", "", () => end(note)), button("Delete", "button--secondary", () => remove(note)));
  const body = document.createElement("div");
  body.className = "note__body stack";
  body.append(words, buttons);
  note.append(body);
  document.querySelector("main").prepend(note);
}

function button(words, look, act) {
  const made = document.createElement("button");
  made.type = "button";
  made.className = `button button--small ${look}`;
  made.textContent = words;
  made.addEventListener("click", act);
  return made;
}

async function remove(note) {
  for (const key of others()) await wipe(key.slice("unsent:".length));
  end(note);
}

function end(note) {
  sessionStorage.setItem(ASKED, "yes");
  note.remove();
  document.querySelector("main").focus();
}
