// A beginning for a thank-you goes into the box at once; without a script the server puts it there.

for (const button of document.querySelectorAll("[data-starter]")) {
  const box = document.getElementById(button.dataset.starter);
  button.addEventListener("click", (event) => {
    event.preventDefault();
    const words = button.value;
    if (!box.value.includes(words)) box.value = [box.value.trimEnd(), words].filter(Boolean).join(" ");
    box.dispatchEvent(new Event("input", { bubbles: true }));
    box.focus();
  });
}
