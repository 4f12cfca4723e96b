// "You can send again in 40 seconds": it counts down, and until then the button says so instead of sending.

const mark = document.querySelector("[data-countdown]");
const sentence = mark.closest("li, p");
const until = Date.now() + Number(mark.dataset.countdown) * 1000;
const left = () => Math.max(0, Math.ceil((until - Date.now()) / 1000));

const buttons = [...document.querySelectorAll("main form[method=post] .button:not([href])")];
buttons.forEach((button) => (button.ariaDisabled = "true"));

document.addEventListener("submit", (event) => {
  if (!left()) return;
  event.preventDefault();
  document.querySelector(".error-summary").focus();
}, { capture: true });

const ticking = setInterval(tick, 1000);

function tick() {
  if (left()) mark.textContent = words(left());
  else end();
}

function end() {
  clearInterval(ticking);
  buttons.forEach((button) => button.removeAttribute("aria-disabled"));
  sentence.textContent = "You can send it now.";
}

// As the server says it.
function words(seconds) {
  if (seconds < 90) return seconds === 1 ? "1 second" : `${seconds} seconds`;
  const minutes = Math.ceil(seconds / 60);
  return minutes < 90 ? `${minutes} minutes` : `${Math.ceil(minutes / 60)} hours`;
}
