// The list follows its filters. It says in words what it is doing, and never waits for ever without a word.

const PATIENCE = 3_000;
const found = document.querySelector(".browse__found");
const sheet = document.querySelector(".browse__filters");
const count = document.getElementById("count");
const trouble = found.querySelector("[data-trouble]");
const wide = matchMedia("(min-width: 64rem)");
let asked;
let waiting;
let was = 0;

// Where a browser cannot show a closed sheet beside the list, it stands open there.
if (wide.matches && !CSS.supports("selector(::details-content)")) sheet.open = true;

// What is chosen from a list holds at once; words wait for Enter or the button.
sheet.addEventListener("change", ({ target }) => {
  if (target.matches("select")) target.form.requestSubmit();
});

document.addEventListener("htmx:beforeRequest", ({ detail, target }) => {
  asked = { element: target, isPressed: Boolean(detail.requestConfig.triggeringEvent?.submitter) };
  was = found.querySelectorAll("#list > li").length;
  trouble.hidden = true;
  found.ariaBusy = "true";
  count.textContent = "Looking…";
  clearTimeout(waiting);
  waiting = setTimeout(fail, PATIENCE);
});

document.addEventListener("htmx:afterSwap", ({ detail }) => {
  rest();
  trouble.hidden = true;
  if (detail.target.id === "list") {
    found.querySelectorAll("#list > li a")[was]?.focus();
  } else if (asked.isPressed && !wide.matches) {
    sheet.open = false;
    count.focus();
  }
});

for (const name of ["responseError", "sendError", "timeout", "swapError"]) document.addEventListener(`htmx:${name}`, fail);

trouble.querySelector("button").addEventListener("click", () => {
  const { element } = asked;
  element.matches("form") ? element.requestSubmit() : element.click();
});

function fail() {
  rest();
  count.textContent = "";
  trouble.hidden = false;
}

function rest() {
  clearTimeout(waiting);
  found.removeAttribute("aria-busy");
}
