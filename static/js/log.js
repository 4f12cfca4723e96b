// What was said: where the view stands, and which lines are on the page. Never more than a few hundred of them.

const MOST = 300;
const LEEWAY = 20;
const NEAR = 100;
const ALWAYS_DRAWN = 60;
const SETTLED = 100;
const FRAMES = 3;
const TOGETHER = 5 * 60 * 1000;

export const log = document.querySelector(".log");
export const list = log.querySelector(".log__lines");
export const ways = { before: log.querySelector("[data-older]"), after: log.querySelector("[data-newer]") };

export const said = () => [...list.children].filter((line) => line.dataset.sequence);

export function lineOf(id) {
  const line = document.getElementById(id);
  return line?.parentElement === list ? line : null;
}

// The box is laid out from its end, so the end is zero and everything above it is less.
export const isAtEnd = () => ways.after.hidden && Math.abs(log.scrollTop) < NEAR;

export function toTheEnd() {
  log.scrollTop = 0;
}

// Whatever changes, what is being read stays where it is. At the very end it does so by itself, and nothing is measured.
export function holding(change) {
  if (!log.scrollTop && ways.after.hidden) return change();
  const edge = log.getBoundingClientRect().top;
  const seen = said().find((line) => line.getBoundingClientRect().bottom > edge);
  const before = seen?.getBoundingClientRect().top;
  change();
  // Its words may have been changed as well.
  const now = seen && lineOf(seen.id);
  if (now) log.scrollTop += now.getBoundingClientRect().top - before;
}

// A phone that is turned breaks every line anew. Whoever reads further up goes on where they were.
let place;
let width = log.clientWidth;
let settling;

log.addEventListener("scroll", () => {
  clearTimeout(settling);
  settling = setTimeout(remember, SETTLED);
}, { passive: true });

export function startAt(mark) {
  mark.scrollIntoView({ block: "start" });
  remember();
}

function remember() {
  const edge = log.getBoundingClientRect().top;
  const line = log.scrollTop && said().find((one) => one.getBoundingClientRect().bottom > edge);
  place = line && { line, below: line.getBoundingClientRect().top - edge };
}

new ResizeObserver(() => {
  if (log.clientWidth === width) return;
  width = log.clientWidth;
  goOn();
}).observe(log);

// Letters that come late do the same, each kind of them.
for (const face of document.fonts) face.loaded.then(goOn, goOn);

function goOn() {
  clearTimeout(settling);
  // What lies out of sight tells its new height when it is drawn, in the frames that follow.
  if (place?.line?.isConnected) returnTo(place, FRAMES);
}

function returnTo({ line, below }, frames) {
  log.scrollTop += line.getBoundingClientRect().top - log.getBoundingClientRect().top - below;
  if (frames) requestAnimationFrame(() => returnTo({ line, below }, frames - 1));
}

// Lines of the server, put behind the last one; those that stand here already are left out.
export function append(lines) {
  const fresh = withoutKnown(lines);
  const [last] = backwards();
  list.append(...fresh);
  if (fresh.length) join(last, fresh.find((line) => line.dataset.sequence));
  trim(() => list.firstElementChild, "before");
  afterwards(restNearest);
  return fresh.filter((line) => line.dataset.sequence);
}

export function prepend(lines) {
  const fresh = withoutKnown(lines);
  const first = said()[0];
  list.prepend(...fresh);
  if (fresh.length) join(fresh.filter((line) => line.dataset.sequence).at(-1), first);
  trim(() => list.lastElementChild, "after");
  // Others are near the end now.
  for (const line of said().slice(-ALWAYS_DRAWN)) line.classList.remove("log__far");
  afterwards(restAll);
}

export function replaceAll(lines) {
  list.replaceChildren(...lines);
}

// A line that was changed keeps its place, and its place in its group.
export function swap(line) {
  const old = lineOf(line.id);
  if (!old) return;
  for (const name of ["bubble--first", "bubble--last"]) line.classList.toggle(name, old.classList.contains(name));
  const isIn = old.contains(document.activeElement);
  old.replaceWith(line);
  if (isIn) line.focus({ preventScroll: true });
}

// A <details> brings a style sheet of its own into the page, which costs more than the rest of a line. So one that comes
// later has a button, and its menu in a template, until somebody wants it.
list.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-menu]");
  if (!opener) return;
  // Nobody takes this for a press beside the menu.
  event.stopPropagation();
  const kept = opener.nextElementSibling;
  const menu = kept.content.firstElementChild;
  const summary = menu.querySelector("summary");
  summary.append(...opener.childNodes);
  opener.replaceWith(menu);
  kept.remove();
  menu.open = true;
  summary.focus({ preventScroll: true });
});

// Where there is more to read, in which direction, and from where on.
export function leadOn(way, sequence) {
  ways[way].hidden = !sequence;
  if (sequence) ways[way].querySelector("a").href = `?${way}=${sequence}`;
}

// From the newest one back, as far as somebody wants to go.
export function* backwards() {
  for (let line = list.lastElementChild; line; line = line.previousElementSibling) if (line.dataset.sequence) yield line;
}

// Under my latest message of each state; which that is, nobody knows where the end of the thread has left the page.
let labelled = [...list.querySelectorAll(".bubble__state:not(:empty)")];

export function tellStates({ theirRead, theirDelivered }) {
  const told = new Map();
  for (const line of backwards()) {
    if (told.has("Read")) break;
    if (line.dataset.from !== "me" || line.querySelector(".bubble__gone")) continue;
    const number = Number(line.dataset.sequence);
    const state = number <= theirRead ? "Read" : number <= theirDelivered ? "Delivered" : "Sent";
    if (!told.has(state)) told.set(state, line.querySelector(".bubble__state"));
  }
  for (const place of labelled) if (told.get(place.textContent) !== place) label(place, "");
  for (const [state, place] of told) label(place, state);
  labelled = [...told.values()];
}

function label(place, words) {
  if (place.textContent === words) return;
  place.textContent = words;
  place.closest("li").classList.toggle("bubble--told", Boolean(words) || place.parentElement.children.length > 2);
}

// As the server names them: another year is worth more than the day of the week.
export function nameDays(today) {
  const days = (day) => Math.round((new Date(today) - new Date(day)) / 86_400_000);
  const named = (day, how) => new Intl.DateTimeFormat("en-US", { ...how, timeZone: "UTC" }).format(new Date(day));
  for (const line of list.querySelectorAll(".log__day")) {
    const { day } = line.dataset;
    const isThisYear = day.slice(0, 4) === today.slice(0, 4);
    line.querySelector("time").textContent = ["Today", "Yesterday"][days(day)] ??
      named(day, { month: "long", day: "numeric", ...(isThisYear ? { weekday: "long" } : { year: "numeric" }) });
  }
}

// Those far from the end are only drawn where somebody looks (thread.css), each after it was drawn once: so the browser
// knows how high it is, and nothing moves when somebody comes to it.
const afterwards = (act) => requestAnimationFrame(() => setTimeout(act));

function restAll() {
  for (const line of said().slice(0, -ALWAYS_DRAWN)) line.classList.add("log__far");
}

// What came at the end has put only a few out of its reach: those just before the ones that are far already.
function restNearest() {
  let left = ALWAYS_DRAWN;
  for (const line of backwards()) {
    if (left-- > 0) continue;
    if (line.classList.contains("log__far")) break;
    line.classList.add("log__far");
  }
}

function withoutKnown(lines) {
  const fresh = [...lines].filter((line) => !line.id || !lineOf(line.id));
  // A day is only worth naming above a line of it.
  return fresh.filter((line, place) => line.dataset.sequence || fresh[place + 1]?.dataset.sequence);
}

// Two neighbours that have not met: the server has grouped each side, and both sides name the day.
function join(earlier, later) {
  if (!earlier || !later) return;
  const isSameDay = earlier.dataset.day === later.dataset.day;
  for (let mark = later.previousElementSibling; isSameDay && mark && mark !== earlier; mark = mark.previousElementSibling) {
    if (mark.matches(".log__day")) { mark.remove(); break; }
  }
  const goes = isSameDay && goesWith(earlier, later);
  earlier.classList.toggle("bubble--last", !goes);
  later.classList.toggle("bubble--first", !goes);
}

function goesWith(earlier, later) {
  const isSaid = (line) => line.matches(".bubble:not(.bubble--card)");
  const isTogether = new Date(later.dataset.at) - new Date(earlier.dataset.at) < TOGETHER;
  return isSaid(earlier) && isSaid(later) && earlier.dataset.from === later.dataset.from && isTogether;
}

// From the far end, and never what somebody stands on or has marked.
function trim(farthest, way) {
  if (list.children.length <= MOST + LEEWAY) return;
  const marked = getSelection();
  const isMarked = !marked.isCollapsed;
  const isInUse = (line) => line.contains(document.activeElement) || (isMarked && marked.containsNode(line, true));
  // Asked before the first one goes: afterwards the browser would lay out everything anew for each answer.
  const kept = new Set([...list.children].filter(isInUse));
  for (let line; list.children.length > MOST && !kept.has((line = farthest())); ) line.remove();
  const edge = way === "before" ? said()[0] : said().at(-1);
  leadOn(way, edge.dataset.sequence);
}
