// Somebody who waits comes back to this tab: has our team decided meanwhile? It says so, and jumps nowhere.

const here = document.querySelector("[data-standing]");
const note = here.querySelector("[data-news]");

async function look() {
  if (document.visibilityState !== "visible") return;
  try {
    const answer = await fetch("/api/me", { headers: { Accept: "application/json" } });
    if (!answer.ok) return;
    const { member } = await answer.json();
    const standing = member.email_checked ? member.verification_status : "unchecked";
    if (standing !== here.dataset.standing) tell(standing);
  } catch {
    // No signal; the next look may have one.
  }
}

function tell(standing) {
  for (const words of note.querySelectorAll("[data-if]")) {
    words.hidden = !words.dataset.if.split(" ").includes(standing);
  }
  note.hidden = false;
}

// Another tab, another window, the page kept by the back button.
document.addEventListener("visibilitychange", look);
addEventListener("focus", look);
addEventListener("pageshow", (event) => event.persisted && look());
