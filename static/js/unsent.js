// On the page that says “You are offline”: the messages that wait on this device, of whoever was here last.

const place = document.querySelector("[data-unsent-here]");
const whose = localStorage.getItem("member");

addEventListener("online", () => location.reload());
if (whose && localStorage.getItem(`unsent:${whose}`)) list();

async function list() {
  // This page is kept without a request, so it has no nonce for a map of names.
  const { notes, unsent } = await import(place.dataset.unsentHere);
  const kept = await unsent(undefined, whose);
  // A tab that was closed in the moment of the press leaves a note, which the next page with signal takes over.
  const entries = kept.concat(notes(whose).filter(({ key }) => kept.every((entry) => entry.key !== key)));
  place.querySelector("ul").append(...entries.map(line));
  if (!entries.length) return;
  place.hidden = false;
  document.querySelector("[data-nothing-unsent]").hidden = true;
}

function line({ to, words, state }) {
  const item = document.createElement("li");
  const name = document.createElement("b");
  name.textContent = `${["failed", "warned"].includes(state) ? "Not sent" : "Waiting for signal"}${to ? `, to ${to}` : ""}: `;
  item.append(name, words);
  return item;
}
