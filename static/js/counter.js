// How many letters are left. Quiet until 100 are left, and heard only at 100, 50 and 10.

const NEAR = 100;
const HEARD = [10, 50, 100];

const counted = new WeakSet();

document.querySelectorAll("[data-limit]").forEach(follow);

// Also for a box that comes later than the page.
export function follow(input) {
  const limit = Number(input.dataset.limit);
  const count = document.getElementById(`${input.id}_count`);
  if (!count || counted.has(input)) return;
  counted.add(input);
  const quiet = count.textContent;
  const speaker = document.createElement("span");
  speaker.className = "visually-hidden";
  speaker.setAttribute("role", "status");
  count.after(speaker);
  let heard = Infinity;

  const update = () => {
    // The server counts whole characters, so an accent or a flag counts once here too.
    const left = limit - [...input.value].length;
    count.textContent = left > NEAR ? quiet : words(left);
    count.classList.toggle("field__count--near", left <= NEAR && left >= 0);
    count.classList.toggle("field__count--over", left < 0);
    const step = HEARD.find((number) => left <= number) ?? Infinity;
    if (step < heard) speaker.textContent = words(left);
    heard = step;
  };

  input.addEventListener("input", update);
  update();
}

function words(left) {
  const letters = Math.abs(left) === 1 ? "letter" : "letters";
  return left < 0 ? `${-left} ${letters} too many.` : `${left} ${letters} left.`;
}
