"""On Windows every module can be imported and a ledger kept, as far as that can be seen without Windows."""

import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent


def test_every_module_and_the_daily_commands_do_without_unix(tmp_path: Path) -> None:
    """Without fcntl, pwd, resource, signals and flags of Unix, flushing only what is written; no advice of chmod."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("QINGLING_")}
    typed = [sys.executable, "-X", "warn_default_encoding", "-W", "ignore", str(HERE / "as_on_windows.py")]
    done = subprocess.run(
        [*typed, str(tmp_path)],
        env={**env, "PYTHONPATH": str(HERE.parent)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stdout) == (0, ""), done.stdout + done.stderr
