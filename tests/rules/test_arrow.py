"""The list of layers names every room there is, so no room escapes the arrow."""

import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
NOT_ROOMS = {"bin", "static", "templates", "tests", "docs", "benchmarks", "deploy"}


def test_every_room_has_its_place_in_the_arrow() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    layers = {name for contract in contracts for layer in contract.get("layers", []) for name in _names(layer)}
    rooms = {folder.name for folder in ROOT.iterdir() if (folder / "__init__.py").is_file()} - NOT_ROOMS
    assert rooms - {"carecollective"} <= layers
    frame = {f"carecollective.{file.stem}" for file in (ROOT / "carecollective").glob("*.py")} - {
        "carecollective.__init__"
    }
    folders = {
        f"carecollective.{file.parent.name}"
        for file in (ROOT / "carecollective").glob("*/__init__.py")
        if file.parent.name != "migrations"
    }
    assert frame | folders == {name for name in layers if name.startswith("carecollective.")}


def _names(layer: str) -> list[str]:
    return [name.strip("() ") for name in layer.replace("|", ":").split(":")]
