// The desk by keyboard. Each key presses or opens something that stands on the page; none decides without the preview.

const OFF = "desk-keys";
const ACTIONS = { a: "nothing", h: "hide", w: "warn", p: "suspend" };
const TYPED_IN = "input:not([type=radio], [type=checkbox]), textarea, select, [contenteditable]";
// Which ready words come with an action, where no rule says it.
const READY = { nothing: "no_breach", keep: "appeal_kept", overturn: "appeal_changed" };

const sheet = document.querySelector("[data-keys]");
const isOn = document.querySelector("[data-keys-on]");
const ruling = document.querySelector("[data-ruling]");
let before = "";

const opener = document.querySelector("[data-keys-open]");
opener.hidden = false;
opener.addEventListener("click", () => sheet.showModal());
document.querySelector("[data-keys-close]").addEventListener("click", () => sheet.close());
isOn.checked = localStorage.getItem(OFF) !== "off";
isOn.addEventListener("change", () => localStorage.setItem(OFF, isOn.checked ? "on" : "off"));

document.addEventListener("keydown", (event) => {
  const { key, target } = event;
  if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing || event.repeat) return;
  if (!isOn.checked || sheet.open || target.matches?.(TYPED_IN)) return;
  const pressed = key.toLowerCase();
  const known = before === "g" ? `g ${pressed}` : pressed;
  before = known === "g" ? "g" : "";
  if (act(known)) event.preventDefault();
});

function act(key) {
  if (key === "j" || key === "k") return step(key === "j" ? 1 : -1);
  if (key === "enter") return openFirst();
  if (ruling && key in ACTIONS) return choose("action", ACTIONS[key]);
  if (ruling && /^[1-6]$/.test(key)) return choose("rule", key);
  const place = [...document.querySelectorAll("[data-key]")].find((it) => it.dataset.key === key && it.checkVisibility());
  if (!place) return false;
  // Undo does at once what it says, so its key only leads there.
  if (key === "u" || place.matches(TYPED_IN)) place.focus();
  else if (place.matches("summary")) unfold(place);
  else place.click();
  return true;
}

const rows = () => [...document.querySelectorAll("[data-row] [data-open]")];

function step(by) {
  const all = rows();
  const here = all.findIndex((one) => one.closest("[data-row]").contains(document.activeElement));
  const next = here < 0 ? 0 : Math.min(all.length - 1, Math.max(0, here + by));
  all[next]?.focus();
  all[next]?.scrollIntoView({ block: "nearest" });
  return all.length > 0;
}

// With nothing in focus, Enter means what is most urgent.
function openFirst() {
  if (document.activeElement !== document.body && !document.activeElement.matches("main")) return false;
  const first = document.querySelector("[data-open]");
  first?.click();
  return Boolean(first);
}

function unfold(summary) {
  summary.parentElement.open = true;
  const first = summary.parentElement.querySelector("button, input:not([type=hidden])");
  (first ?? summary).focus();
  summary.scrollIntoView({ block: "nearest" });
}

function choose(name, value) {
  const button = ruling.querySelector(`[name="${name}"][value="${value}"]`);
  if (!button) return false;
  button.checked = true;
  button.focus();
  suggest();
  return true;
}

// Ready words come by themselves into boxes nobody has written in.
let given = {};

function suggest() {
  const chosen = (name) => ruling.querySelector(`[name="${name}"]:checked`)?.value ?? "";
  const all = [...ruling.querySelectorAll("[data-ready]")];
  const name = READY[chosen("action")];
  const ready = name ? all.find((it) => it.dataset.ready === name) : all.find((it) => it.dataset.rule && it.dataset.rule === chosen("rule"));
  if (ready) put(ready, (box, id) => !box.value.trim() || box.value === given[id]);
}

function put(ready, may) {
  for (const [id, words] of [["words", ready.dataset.words], ["reporter_words", ready.dataset.reporterWords]]) {
    const box = ruling.elements[id];
    if (!box || !may(box, id)) continue;
    box.value = given[id] = words;
    box.dispatchEvent(new Event("input"));
  }
}

ruling?.addEventListener("change", (event) => {
  if (["rule", "action"].includes(event.target.name)) suggest();
});

// Without a script the button asks the server to fill the boxes.
ruling?.addEventListener("click", (event) => {
  const ready = event.target.closest("[data-ready]");
  if (!ready) return;
  event.preventDefault();
  put(ready, () => true);
  const { rule } = ready.dataset;
  if (rule && !ruling.querySelector("[name=rule]:checked")) choose("rule", rule);
  ruling.elements.words.focus();
});

// “Undo (9:48)”
const bar = document.querySelector("[data-undo]");
const left = bar?.querySelector("[data-undo-left]");
if (left) count();

function count() {
  const seconds = Math.floor((new Date(bar.dataset.undo) - Date.now()) / 1000);
  if (seconds <= 0) return bar.remove();
  left.textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
  setTimeout(count, 1000);
}
