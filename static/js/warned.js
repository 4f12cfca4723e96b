// The question before something goes: Esc is Edit. And the same question about a message that waits on this device.

const room = document.querySelector("[data-thread]");
const waiting = [];

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || event.defaultPrevented) return;
  const edit = document.querySelector("[data-warned] [data-edit]");
  if (!edit) return;
  event.preventDefault();
  edit.click();
});

// A page of the server has its question already; only the focus is ours, where a browser did not follow.
document.getElementById("warned")?.focus();

// One at a time: the next one is asked about when this one is answered.
export function ask(entry) {
  if (waiting.some(({ key }) => key === entry.key)) return;
  waiting.push(entry);
  if (waiting.length === 1) show();
}

function show() {
  room.querySelector("[data-warned]")?.remove();
  const [entry] = waiting;
  const composer = room.querySelector(".composer");
  if (!entry) return composer.querySelector("textarea")?.focus();
  const panel = room.querySelector("[data-warned-panel]").content.firstElementChild.cloneNode(true);
  const about = panel.querySelector("[data-sentences]");
  about.replaceChildren(...entry.warnings.map((words) => Object.assign(document.createElement("p"), { textContent: words })));
  panel.querySelector("[data-edit]").addEventListener("click", (event) => answer(event, ({ drop }) => edit(entry, drop)));
  panel.querySelector("[data-send]").addEventListener("click", (event) => answer(event, ({ again }) => again(entry.number, { acknowledged: 1 })));
  composer.prepend(panel);
  panel.querySelector("h2").focus();
}

async function answer(event, act) {
  event.preventDefault();
  await act(await import("care/outbox"));
  waiting.shift();
  show();
}

// Into the box first, before what somebody has begun there meanwhile; only then it leaves the list.
async function edit({ number, words }, drop) {
  const box = room.querySelector(".composer__form textarea");
  if (box) {
    box.value = [words, box.value].filter((text) => text.trim()).join("\n");
    box.dispatchEvent(new Event("input", { bubbles: true }));
  }
  if (box) await drop(number);
}
