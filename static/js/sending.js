// One press sends once. The button is never greyed out: it says what is happening.

const PATIENCE = 15_000;

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post") return;
  if (form.ariaBusy === "true") return event.preventDefault();
  begin(form, event.submitter ?? form.querySelector(".button"));
});

// Coming back by the Back button finds the page as it was left, still saying "Sending…".
addEventListener("pageshow", (event) => {
  if (event.persisted) document.querySelectorAll("form[aria-busy=true]").forEach(end);
});

export function begin(form, button) {
  form.ariaBusy = "true";
  if (button) {
    form.resting = { button, nodes: [...button.childNodes] };
    // Text only changes on screen; name and value of the button are sent as they are.
    button.replaceChildren(form.dataset.sending ?? "Sending…");
  }
  // If no answer came, the person may try again; the server knows the form by its client_id.
  form.waiting = setTimeout(end, PATIENCE, form);
}

export function end(form) {
  clearTimeout(form.waiting);
  form.removeAttribute("aria-busy");
  form.resting?.button.replaceChildren(...form.resting.nodes);
}
