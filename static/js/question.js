// “Ask a question first” leads to the box; with a script the cursor is in it, too.

for (const link of document.querySelectorAll('a[href="#composer"]')) {
  link.addEventListener("click", () => {
    // After the browser has moved to the place itself.
    requestAnimationFrame(() => document.querySelector("#composer textarea")?.focus());
  });
}
