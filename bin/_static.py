"""Collects style sheets, scripts and pictures under hashed names, when one of them changed."""

import hashlib
import subprocess
import sys

from _steps import DATA, ROOT, Stopped, one_at_a_time, run_plainly

STAMP = DATA / "static.txt"


def main() -> int:
    collect_static()
    return 0


def collect_static() -> None:
    with one_at_a_time("static"):
        digest = _digest()
        if STAMP.exists() and STAMP.read_text() == digest and (DATA / "static").is_dir():
            return
        collect = [sys.executable, "manage.py", "collectstatic", "--noinput", "--verbosity=0"]
        done = subprocess.run(collect, cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, text=True)
        if done.returncode:
            reason = (done.stderr.strip().splitlines() or ["it gives no reason"])[-1]
            raise Stopped(f"The style sheets and scripts could not be collected: {reason}")
        STAMP.write_text(digest)


def _digest() -> str:
    files = sorted(
        path for pattern in ("static/**/*", "*/static/**/*") for path in ROOT.glob(pattern) if path.is_file()
    )
    digest = hashlib.sha256()
    # The packages bring files of their own, and the storage decides what becomes of them.
    for path in (*files, ROOT / "requirements.txt", ROOT / "carecollective" / "staticfiles.py"):
        digest.update(f"{path.relative_to(ROOT)}\0".encode() + path.read_bytes())
    return digest.hexdigest()


if __name__ == "__main__":
    run_plainly(main)
