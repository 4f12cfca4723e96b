"""Can every colour be read on every ground it stands on? Reads the tokens, prints each pair, fails by name."""

import re
import sys
from pathlib import Path

TOKENS = Path(__file__).resolve().parent.parent / "static" / "css" / "tokens.css"
LIGHT = ":root"
THEMES = {
    "light": (LIGHT,),
    "dark": (LIGHT, ':root[data-theme="dark"]'),
    "high": (LIGHT, ':root[data-contrast="more"]'),
}
# The same theme, once as chosen and once as the device asks.
TWINS = (
    (':root[data-theme="dark"]', ':root:not([data-theme="light"])'),
    (':root[data-contrast="more"]', ':root:not([data-theme="dark"])'),
)
GROUNDS = ("canvas", "surface", "sunken")
PAIRS = [
    *((ink, ground, 7.0) for ink in ("ink", "muted", "link") for ground in GROUNDS),
    ("on-primary", "primary", 7.0),
    ("on-primary", "primary-hover", 7.0),
    ("on-me", "me", 7.0),
    ("time-me", "me", 7.0),
    ("link", "me", 7.0),
    ("link", "them", 7.0),
    ("on-them", "them", 7.0),
    ("muted", "them", 7.0),
    ("danger", "canvas", 7.0),
    ("danger", "surface", 7.0),
    ("on-danger", "danger", 7.0),
    *((f"on-{kind}-note", f"{kind}-note", 7.0) for kind in ("danger", "warn", "ok", "info")),
    ("on-clay", "clay", 7.0),
    ("clay", "canvas", 4.5),
    ("clay", "surface", 4.5),
    ("field", "canvas", 3.0),
    ("field", "surface", 3.0),
    ("primary", "canvas", 3.0),
    ("primary", "surface", 3.0),
    ("primary", "me", 3.0),
    ("focus", "canvas", 3.0),
    ("focus", "surface", 3.0),
    ("focus", "me", 3.0),
]


def main() -> int:
    blocks = read_blocks(TOKENS.read_text())
    problems = [f"{a} and {b} have drifted apart." for a, b in TWINS if blocks[a] != blocks[b]]
    ratios = {theme: measure(blocks, selectors) for theme, selectors in THEMES.items()}
    for ink, ground, need in PAIRS:
        found = {theme: ratios[theme][ink, ground] for theme in THEMES}
        print(f"{ink + ' on ' + ground:34}{need:5}" + "".join(f"{ratio:8.2f}" for ratio in found.values()))
        problems += [
            f"{ink} on {ground} is {ratio:.2f} in the {theme} theme and needs {need}."
            for theme, ratio in found.items()
            if ratio < need
        ]
    print(*problems, sep="\n", file=sys.stderr)
    return 1 if problems else 0


def read_blocks(css: str) -> dict[str, dict[str, str]]:
    """Every rule's custom properties, by selector; rules of one selector add up."""
    blocks: dict[str, dict[str, str]] = {}
    css = re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)
    for selector, body in re.findall(r"([^{}]+)\{([^{}]*)\}", css):
        properties = dict(re.findall(r"--([\w-]+)\s*:\s*([^;]+);", body))
        blocks.setdefault(selector.strip(), {}).update(properties)
    return blocks


def measure(blocks: dict[str, dict[str, str]], selectors: tuple[str, ...]) -> dict[tuple[str, str], float]:
    values = {name: value for selector in selectors for name, value in blocks[selector].items()}
    return {(ink, ground): contrast(colour(ink, values), colour(ground, values)) for ink, ground, _ in PAIRS}


def colour(name: str, values: dict[str, str]) -> str:
    value = values[name].strip()
    return colour(value[6:-1], values) if value.startswith("var(--") else value


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour: str) -> float:
    channels = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


if __name__ == "__main__":
    sys.exit(main())
