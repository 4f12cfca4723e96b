// What can be measured on a page as it stands. Each answer is a list of what is wrong; an empty list is good.
(() => {
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const short = (it) => it.outerHTML.replace(/\s+/g, " ").slice(0, 110);
  const style = (it) => getComputedStyle(it);
  const isClipped = (it) => { for (let up = it; up; up = up.parentElement) if (style(up).clipPath !== "none") return true; return false; };
  const isHidden = (it) => !!it.closest(".visually-hidden, .skip-link, [aria-hidden=true]") || isClipped(it);
  const isSeen = (it) => it.checkVisibility({ visibilityProperty: true, opacityProperty: true }) && !isClipped(it);
  const ownText = (it) => [...it.childNodes].filter((node) => node.nodeType === 3 && node.textContent.trim());
  const withText = () => all("body *").filter((it) => ownText(it).length && isSeen(it));
  const targets = () => all("a, button, input, select, textarea, summary").filter(isSeen);
  const inSentence = (it) => style(it).display === "inline" && it.closest("p, li, dd");

  function wide() {
    const root = document.documentElement;
    if (root.scrollWidth <= root.clientWidth) return [];
    const widest = all("body *").filter((it) => it.getBoundingClientRect().right > root.clientWidth + 0.5).at(-1);
    return [`${root.scrollWidth} wide at ${root.clientWidth}${widest ? `: ${short(widest)}` : ""}`];
  }

  function header() {
    const headers = all("header").filter(isSeen);
    if (headers.length !== 1) return [`${headers.length} headers`];
    const high = headers[0].getBoundingClientRect().height;
    return innerWidth < 768 && high > 64 ? [`the header is ${high} high`] : [];
  }

  function small() {
    return targets().filter((it) => !inSentence(it)).filter((it) => {
      // The label of a choice covers its whole card and is pressed in its place.
      const pressed = it.closest(".choice") ?? it;
      const box = pressed.getBoundingClientRect();
      return box.width < 43.9 || box.height < 43.9;
    }).map((it) => `too small to press: ${short(it)}`);
  }

  function letters() {
    return withText().filter((it) => parseFloat(style(it).fontSize) < 15.99).map((it) => `small letters: ${short(it)}`);
  }

  function cut() {
    return withText().filter((it) => !isHidden(it)).filter((it) => {
      const { textOverflow, overflowX, overflowY, webkitLineClamp } = style(it);
      const clips = [overflowX, overflowY].some((way) => way === "hidden" || way === "clip");
      // Last words are a taste of a conversation, which stands whole one press further.
      const isTaste = it.matches(".talk__last") && webkitLineClamp !== "none";
      const isOver = it.scrollWidth > it.clientWidth + 1 || it.scrollHeight > it.clientHeight + 1;
      // A long title is cut where it stands whole in another place of the same page.
      const isWhole = () => all("i, a, h3").some((other) => other !== it && other.textContent.includes(it.textContent.trim()));
      const isHead = it.matches(".thread-head__who, .thread-head__about") && isWhole();
      return isOver && !isTaste && !isHead && (textOverflow === "ellipsis" || clips);
    }).map((it) => `cut text: ${short(it)}`);
  }

  function linesOf(it) {
    const bottoms = [it, ...it.querySelectorAll("span")].filter((part) => !isClipped(part)).flatMap(ownText).flatMap((node) => {
      const range = document.createRange();
      range.selectNodeContents(node);
      return [...range.getClientRects()].filter((box) => box.width > 2).map((box) => Math.round(box.bottom / 8));
    });
    return new Set(bottoms).size;
  }

  function labels() {
    return all(".button").filter(isSeen).flatMap((it) => {
      const box = it.getBoundingClientRect();
      const out = [];
      // A member's name may be as long as it likes.
      if (linesOf(it) > 2 && !it.matches(".breaks")) out.push(`a label of ${linesOf(it)} lines: ${it.innerText}, ${it.clientWidth} wide`);
      if (it.scrollWidth > it.clientWidth + 1 || it.scrollHeight > it.clientHeight + 1) out.push(`a label out of its button: ${short(it)}`);
      if (box.left < -0.5 || box.right > innerWidth + 0.5) out.push(`a button out of the page: ${short(it)}`);
      return out;
    });
  }

  // Words that lie over other words.
  function over() {
    const boxes = withText().filter((it) => !isHidden(it) && !it.closest("svg, option, select")).flatMap((it) => {
      const fixed = fixedParent(it);
      // What is scrolled out of a box that scrolls is not on the page.
      const view = it.closest(".log, .beside, .talk-room__bar, .composer")?.getBoundingClientRect() ?? { top: -Infinity, bottom: Infinity };
      return ownText(it).flatMap((node) => {
        const range = document.createRange();
        range.selectNodeContents(node);
        // Letters fill about two thirds of their line.
        const end = style(it).overflowY === "visible" ? Infinity : it.getBoundingClientRect().bottom;
        return [...range.getClientRects()].filter((box) => box.bottom <= end + 2 && box.bottom <= view.bottom && box.top >= view.top).map((box) => ({ it, fixed,
          left: box.left + 1, right: box.right - 1, top: box.top + box.height * 0.3, bottom: box.bottom - box.height * 0.3 }));
      });
    });
    boxes.sort((one, other) => one.top - other.top);
    const found = [];
    boxes.forEach((one, place) => {
      for (let next = place + 1; next < boxes.length && boxes[next].top < one.bottom; next++) {
        const other = boxes[next];
        const meets = one.left < other.right && other.left < one.right;
        if (meets && one.it !== other.it && one.fixed === other.fixed) found.push(`words over words: ${short(one.it)} and ${short(other.it)}`);
      }
    });
    return found;
  }

  // What floats above the page is scrolled past and covers nothing for good.
  function fixedParent(it) {
    for (let up = it; up; up = up.parentElement) if (["fixed", "sticky"].includes(style(up).position) || up.matches(".menu__list")) return up;
    return null;
  }

  function channels(colour) {
    const found = colour.match(/[\d.]+/g).map(Number);
    return { rgb: found.slice(0, 3), alpha: found[3] ?? 1 };
  }

  function luminance(rgb) {
    const [red, green, blue] = rgb.map((part) => part / 255).map((part) => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  }

  function ratio(one, other) {
    const [darker, lighter] = [luminance(one), luminance(other)].sort((a, b) => a - b);
    return (lighter + 0.05) / (darker + 0.05);
  }

  function ground(it) {
    for (let up = it; up; up = up.parentElement) {
      const { rgb, alpha } = channels(style(up).backgroundColor);
      if (alpha === 1) return rgb;
    }
    return channels(style(document.documentElement).backgroundColor).rgb;
  }

  function pale() {
    return withText().filter((it) => !isHidden(it) && !it.closest("svg, select")).flatMap((it) => {
      const { fontSize, fontWeight, color } = style(it);
      const found = ratio(channels(color).rgb, ground(it));
      // Large or bold letters of a mark may be clay on the ground of the page; whatever is read as text needs 7.
      const isBig = parseFloat(fontSize) >= 24 || fontWeight >= 700;
      return found < (isBig ? 4.5 : 7) ? [`${found.toFixed(2)}: ${short(it)}`] : [];
    });
  }

  function running() {
    return document.getAnimations().map((it) => `moves: ${short(it.effect.target)}`);
  }

  // Where colours are the device's own, a border or a word has to tell things apart.
  function borderless() {
    const parts = ".button:not(.button--quiet), .chip, .note, .card, .flash, .bubble__box, .offer-card, .decision, .standing, .choice, input, textarea, select";
    return all(parts).filter((it) => isSeen(it) && !["radio", "checkbox", "hidden"].includes(it.type)).filter((it) => {
      const { borderTopWidth, borderTopStyle, borderTopColor } = style(it);
      return parseFloat(borderTopWidth) < 1 || borderTopStyle === "none" || channels(borderTopColor).alpha === 0;
    }).map((it) => `no border: ${short(it)}`);
  }

  // Focus every stop in turn, as tabbing does after its first press; the browser brings each into view.
  function lostFocus() {
    const out = [];
    const stops = targets().concat(all("[tabindex='0']")).filter((it) => it.type !== "hidden" && it.tabIndex >= 0);
    for (const it of stops) {
      if (it.tabIndex > 0) out.push(`out of turn: ${short(it)}`);
      it.focus();
      if (document.activeElement !== it) continue;
      const ring = it.matches(".choice input, .choice *") ? it.closest(".choice") : it;
      const drawn = [it, ring].some((one) => parseFloat(style(one).outlineWidth) >= 3 && style(one).outlineStyle === "solid");
      if (!drawn) out.push(`no ring: ${short(it)}`);
      const box = ring.getBoundingClientRect();
      const [across, down] = [(box.left + box.right) / 2, (Math.max(box.top, 0) + Math.min(box.bottom, innerHeight)) / 2];
      const top = document.elementFromPoint(across, down);
      if (!top || !(ring.contains(top) || top.contains(ring) || it.labels && [...it.labels].some((label) => label.contains(top)))) {
        out.push(`under something: ${short(it)} under ${top ? short(top) : "the edge"}`);
      }
    }
    document.activeElement?.blur();
    scrollTo(0, 0);
    return out;
  }

  // A strip at the lower edge belongs to the device.
  function inStrip(height) {
    scrollTo(0, document.documentElement.scrollHeight);
    const found = targets().filter((it) => {
      const box = it.getBoundingClientRect();
      return box.top < innerHeight && box.bottom > innerHeight - height + 0.5;
    }).map((it) => `under the thumb bar: ${short(it)}`);
    scrollTo(0, 0);
    return found;
  }

  function sheet(text) {
    const made = new CSSStyleSheet();
    made.replaceSync(text);
    document.adoptedStyleSheets = [made];
  }

  function look(chosen) {
    for (const name of ["theme", "contrast", "text"]) delete document.documentElement.dataset[name];
    Object.assign(document.documentElement.dataset, chosen);
  }

  const questions = { wide, header, small, letters, cut, labels, over, pale, running, borderless, lostFocus };

  // Each part has its look and its sheet, and leaves the page as it was.
  function answers(parts) {
    const found = parts.flatMap((part) => {
      look(part.look);
      sheet(part.sheet ?? "");
      return part.ask.flatMap((name) => questions[name]()).map((answer) => `${part.when}: ${answer}`);
    });
    look({ theme: "light" });
    sheet("");
    return found;
  }

  async function axeIn(runs) {
    const out = [];
    for (const [when, chosen, rules] of runs) {
      look(chosen);
      const options = { ...rules, resultTypes: ["violations"], preload: false, elementRef: false };
      for (const found of (await axe.run(options)).violations) {
        const places = found.nodes.map((node) => node.target.join(" ")).join("; ");
        out.push(`${when}: axe ${found.id}: ${found.help} (${places})`);
      }
    }
    look({ theme: "light" });
    return out;
  }

  // The page as it stands, with nothing put on.
  const ask = (names) => names.flatMap((name) => questions[name]());

  window.looking = { answers, ask, axe: axeIn, inStrip };
})();
