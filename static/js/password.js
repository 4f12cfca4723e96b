// Show and hide what is typed. Hidden again before it is sent, so that the browser offers to keep it.

for (const button of document.querySelectorAll(".password__show")) {
  const input = button.parentElement.querySelector("input");
  const word = button.querySelector("span");

  const show = (visible) => {
    input.type = visible ? "text" : "password";
    word.textContent = visible ? "Hide" : "Show";
  };

  button.hidden = false;
  button.addEventListener("click", () => show(input.type === "password"));
  input.form?.addEventListener("submit", () => show(false));
}
