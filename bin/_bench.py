"""Makes sure of the environment, then measures in it."""

import sys

import _environment
from _steps import ROOT, run_plainly

sys.path.insert(0, str(ROOT))


def main() -> int:
    if sys.argv[1:2] == ["--first"]:
        # Pages are measured in a browser, whose driver comes with what the tests need.
        _environment.LOCKS["bench"] = _environment.LOCKS["test"]
        sys.argv[1] = "bench"
        return _environment.main()
    from benchmarks.command import measure

    return measure()


if __name__ == "__main__":
    run_plainly(main)
