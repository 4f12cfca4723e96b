// The list of chats beside the open one, on screens wide enough for both; `app` asks for it only there.

const place = document.querySelector("[data-beside]");

async function fill() {
  try {
    const answer = await fetch(place.dataset.beside, { headers: { Accept: "text/html" } });
    // Whoever was signed out meanwhile is sent to another page, which is no list.
    if (!answer.ok || answer.redirected) throw new Error(answer.status);
    // Our own template, in which every word of a member is escaped; a parsed page runs nothing.
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    put(page.body.childNodes);
    const { show } = await import("care/drafts");
    show();
  } catch {
    // A list that stands there is better than none.
    if (!place.querySelector(".talk")) sayWhy();
  }
}

// The open chat is in view, and the focus stays on its row, whatever is put there anew.
function put(rows) {
  const isFirst = !place.querySelector("[aria-current]");
  const was = place.contains(document.activeElement) && document.activeElement.pathname;
  place.replaceChildren(...rows);
  const links = [...place.querySelectorAll("a")];
  if (was) links.find(({ pathname }) => pathname === was)?.focus({ preventScroll: true });
  // By hand, because the browser would also begin there with the next Tab.
  const open = isFirst && place.querySelector("[aria-current]")?.closest("li").getBoundingClientRect();
  if (open) place.scrollTop += Math.max(0, open.bottom - place.getBoundingClientRect().bottom);
}

function sayWhy() {
  const words = document.createElement("p");
  words.setAttribute("role", "status");
  words.textContent = "We could not load your messages.";
  const again = document.createElement("button");
  again.className = "button button--secondary button--small";
  again.type = "button";
  again.textContent = "Try again";
  again.addEventListener("click", fill);
  place.replaceChildren(words, again);
}

// Somebody says something in the open one, or has read it.
for (const act of ["said", "read"]) document.addEventListener(act, fill);
fill();
