// Looks at the log of a conversation from within its page, frame by frame.
(() => {
  const log = document.querySelector(".log");
  const list = log.querySelector(".log__lines");
  const ways = { before: log.querySelector("[data-older]"), after: log.querySelector("[data-newer]") };
  const frame = () => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
  const said = () => [...list.children].filter((line) => line.dataset.sequence);
  const ends = () => `${said()[0].id} ${said().at(-1).id}`;
  const top = (id) => document.getElementById(id)?.getBoundingClientRect().top;
  const AFTERWARDS = 12;

  const places = {
    end: () => 0,
    top: () => log.clientHeight - log.scrollHeight,
    middle: () => (log.clientHeight - log.scrollHeight) / 2,
  };

  async function stand(place) {
    log.scrollTop = places[place]();
    for (let turn = 0; turn < 3; turn++) await frame();
    log.scrollTop = places[place]();
    await frame();
  }

  const firstSeen = () => {
    const edge = log.getBoundingClientRect().top;
    return said().find((line) => line.getBoundingClientRect().bottom > edge);
  };

  // Loads a page of older or newer lines by its link; the farthest that what was being read has moved in any frame.
  async function load(way, place) {
    const before = ends();
    await stand(place);
    if (ends() === before) ways[way].querySelector("a").click();
    let line, at;
    do {
      line = firstSeen();
      at = line.getBoundingClientRect().top;
      await frame();
    } while (ends() === before);
    let farthest = 0;
    for (let turn = 0; turn < AFTERWARDS; turn++) {
      const now = top(line.id);
      if (now !== undefined) farthest = Math.max(farthest, Math.abs(now - at));
      await frame();
    }
    return { moved: farthest, lines: document.querySelectorAll(".log__lines > li").length };
  }

  let times;
  let from;

  function watchFrames() {
    times = [];
    from = log.scrollTop;
    const tick = (time) => { if (times.push(time)) watching = requestAnimationFrame(tick); };
    let watching = requestAnimationFrame(tick);
    watchFrames.end = () => cancelAnimationFrame(watching);
  }

  // How far it came, and how many frames a second there were.
  function frames() {
    watchFrames.end();
    return [Math.abs(log.scrollTop - from), (1000 * (times.length - 1)) / (times.at(-1) - times[0])];
  }

  const isAll = (way) => ways[way].hidden;
  const newest = () => said().at(-1).dataset.sequence;
  globalThis.bench = { load, stand, isAll, newest, watchFrames, frames };
})();
