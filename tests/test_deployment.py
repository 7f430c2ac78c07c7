"""The units of the page on deployment are such as systemd takes, and harden as they say."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[1] / "docs" / "deployment.md"
UNIT = re.compile(r"```ini\n# /etc/systemd/system/(\S+)\n(.*?)```", re.DOTALL)


def test_systemd_has_nothing_against_the_units(tmp_path: Path) -> None:
    """`systemd-analyze verify` says nothing of either; without it, at least the sections stand there."""
    units = dict(UNIT.findall(PAGE.read_text(encoding="utf-8")))
    assert set(units) == {"qingling.service", "qingling-desk.service"}
    assert all("[Unit]" in each and "[Service]" in each and "NoNewPrivileges=true" in each for each in units.values())
    systemd = shutil.which("systemd-analyze")
    if systemd is None:
        pytest.skip("there is no systemd here")
    for name, text in units.items():
        # The program is not installed under the page's path here.
        (tmp_path / name).write_text(re.sub(r"ExecStart=\S+", "ExecStart=/bin/true", text), encoding="utf-8")
    files = [str(tmp_path / name) for name in units]
    checked = subprocess.run([systemd, "verify", "--man=no", *files], capture_output=True, text=True, check=False)
    said = [line for line in checked.stderr.splitlines() if str(tmp_path) in line or "qingling" in line]
    assert said == []
