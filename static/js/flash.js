// A message stays until it is closed; then the focus goes where reading goes on.

for (const button of document.querySelectorAll(".flash__close")) {
  button.hidden = false;
  button.addEventListener("click", () => {
    button.closest(".flash").remove();
    document.querySelector("main").focus();
  });
}
