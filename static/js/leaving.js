// Signing out takes from this device what was written on it, and asks first about messages that have not been sent.

const FORM = "form[action$='/logout/']";
const LONG = 15_000;

const flag = `unsent:${document.body.dataset.member}`;
const form = document.querySelector(FORM);
const panel = document.querySelector("[data-leaving]");
const heading = panel.querySelector("h3");
const outcome = panel.querySelector("[role=status]");

form.addEventListener("submit", (event) => {
  if (!localStorage.getItem(flag)) return forgetDrafts();
  event.preventDefault();
  event.stopPropagation();
  askOrGo();
}, true);

const presses = { send, stay, leave };
panel.addEventListener("click", ({ target }) => presses[target.closest("[data-do]")?.dataset.do]?.());

// A device that could not keep the words may still say that it has some.
async function askOrGo() {
  const { unsent } = await import("care/outbox");
  const { length } = await unsent().catch(() => []);
  if (length) ask(length);
  else goNow();
}

function ask(left) {
  heading.textContent = left === 1
    ? "1 message has not been sent. Send it first?"
    : `${left} messages have not been sent. Send them first?`;
  outcome.textContent = "";
  panel.hidden = false;
  heading.focus();
  panel.scrollIntoView({ block: "nearest" });
}

async function send() {
  const { again, kick, news, unsent } = await import("care/outbox");
  outcome.textContent = "Sending…";
  for (const entry of await unsent()) if (entry.state === "failed") await again(entry.number);
  const ended = await new Promise((resolve) => {
    const look = async ({ detail }) => {
      if (!(await unsent()).length) resolve("sent");
      else if (["failed", "signed-out"].includes(detail.what)) resolve("failed");
    };
    news.addEventListener("news", look, { signal: AbortSignal.timeout(LONG) });
    setTimeout(resolve, LONG, "slow");
    look({ detail: {} });
    kick();
  });
  if (ended === "sent") return goNow();
  ask((await unsent()).length);
  outcome.textContent = ended === "slow" ? "It has not gone through yet." : "It could not be sent. Its chat says why.";
}

async function leave() {
  // Without a signal nobody can be signed out, and what is not sent would be gone for nothing.
  if (!navigator.onLine) return (outcome.textContent = "You are offline. Press again when you are back.");
  const { wipe } = await import("care/outbox");
  await wipe();
  goNow();
}

function stay() {
  panel.hidden = true;
  form.querySelector("button").focus();
}

function goNow() {
  localStorage.removeItem(flag);
  forgetDrafts();
  form.submit();
}

function forgetDrafts() {
  for (const key of Object.keys(localStorage)) if (key.startsWith("draft:")) localStorage.removeItem(key);
  // What htmx remembers of the last address can hold words somebody looked for.
  sessionStorage.clear();
}
