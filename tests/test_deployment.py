"""The files for those who run the program: units that systemd takes, a container file whose parts are there."""

import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest

HOUSE = Path(__file__).parents[1]
FILES = HOUSE / "docs" / "deployment"
UNITS = ("qingling.service", "qingling-desk.service", "qingling-desk.socket")
WORST = 1.5
"""The highest exposure that a unit may have, of 10."""


@pytest.fixture
def units(tmp_path: Path) -> list[str]:
    """Return the units as systemd is asked about them: the program is not installed under their path here."""
    if shutil.which("systemd-analyze") is None:
        pytest.skip("there is no systemd here")
    for name in UNITS:
        text = (FILES / name).read_text(encoding="utf-8")
        (tmp_path / name).write_text(re.sub(r"ExecStart=\S+", "ExecStart=/bin/true", text), encoding="utf-8")
    return [str(tmp_path / name) for name in UNITS]


def systemd(*args: str) -> subprocess.CompletedProcess[str]:
    """Ask `systemd-analyze`."""
    return subprocess.run(["systemd-analyze", *args], capture_output=True, text=True, check=False)


def test_systemd_has_nothing_against_the_units(units: list[str]) -> None:
    """`systemd-analyze verify` says nothing of any unit, and both services are closed as far as the page says."""
    checked = systemd("verify", "--man=no", *units)
    scores = [systemd("security", "--offline=yes", each).stdout for each in units if each.endswith(".service")]
    found = [re.search(r"exposure level for \S+: ([\d.]+)", each) for each in scores]

    assert [line for line in checked.stderr.splitlines() if "qingling" in line] == []
    assert [each is not None and float(each[1]) <= WORST for each in found] == [True, True], found


def test_the_container_file_names_what_is_there() -> None:
    """Every path that is copied exists and may be copied; all rooms of the wheel are; nobody is root; two stages."""
    text = (FILES / "Containerfile").read_text(encoding="utf-8")
    copied = [path for line in re.findall(r"^COPY (.+) \S+$", text, re.MULTILINE) for path in line.split()]
    let_in = re.findall(r"^!(.+)$", (FILES / "Containerfile.dockerignore").read_text(encoding="utf-8"), re.MULTILINE)
    wheel = tomllib.loads((HOUSE / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["hatch"]["build"]["targets"]

    assert [path for path in copied if not (HOUSE / path).exists()] == []
    assert {path.split("/")[0] for path in copied} == set(let_in)
    assert set(wheel["wheel"]["only-include"]) <= set(copied)
    assert len(re.findall(r"^FROM ", text, re.MULTILINE)) == 2
    assert text.rindex("\nUSER qingling") < text.index("\nENTRYPOINT")
    assert "--no-index" in text
    assert "--require-hashes" in text


def test_proxy_and_socket_meet() -> None:
    """The proxy asks where the socket listens, and lets in as much as the desk takes, but no figures."""
    proxy = (FILES / "nginx.conf").read_text(encoding="utf-8")
    [place] = re.findall(r"ListenStream=(\S+)", (FILES / "qingling-desk.socket").read_text(encoding="utf-8"))

    assert f"proxy_pass http://{place};" in proxy
    assert "location = /metrics { return 404; }" in proxy
    assert proxy.count("{") == proxy.count("}")
    assert [line for line in proxy.splitlines() if line.strip() and not re.search(r"[;{}]\s*(#.*)?$|^#", line)] == []
