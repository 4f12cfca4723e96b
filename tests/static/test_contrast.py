"""Every colour can be read on every ground, and the check would notice if not."""

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def contrast() -> ModuleType:
    spec = importlib.util.spec_from_file_location("_contrast", ROOT / "bin" / "_contrast.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def worse(contrast: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Runs the check on tokens in which one thing is worse."""

    def run(good: str, bad: str) -> int:
        tokens = contrast.TOKENS.read_text()
        assert good in tokens
        copy = tmp_path / "tokens.css"
        copy.write_text(tokens.replace(good, bad, 1))
        monkeypatch.setattr(contrast, "TOKENS", copy)
        return int(contrast.main())

    return run


def test_every_pair_can_be_read(contrast: ModuleType):
    assert contrast.main() == 0


@pytest.mark.parametrize(
    ("good", "bad", "said"),
    [
        ("--umber: #57443B", "--umber: #A08070", "muted on canvas is"),
        ("--night-ink: #F7ECE1", "--night-ink: #777777", "ink on canvas is"),
        ("--strong-link: #00257A", "--strong-link: #4477FF", "link on canvas is"),
    ],
    ids=["light", "dark", "high contrast"],
)
def test_a_pale_colour_is_named(worse, capsys: pytest.CaptureFixture[str], good: str, bad: str, said: str):
    assert worse(good, bad) == 1
    assert said in capsys.readouterr().err


def test_a_theme_that_drifts_from_its_twin_is_named(worse, capsys: pytest.CaptureFixture[str]):
    assert worse("--ink: var(--night-ink)", "--ink: var(--white)") == 1
    assert "drifted apart" in capsys.readouterr().err


def test_black_on_white_is_twenty_one(contrast: ModuleType):
    assert contrast.contrast("#000000", "#FFFFFF") == pytest.approx(21)
    assert contrast.contrast("#777777", "#FFFFFF") == pytest.approx(4.48, abs=0.01)
