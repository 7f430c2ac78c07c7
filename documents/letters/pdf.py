"""A Word file as PDF, by the LibreOffice that is at hand; fonts that are missing get a stand-in."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from xml.sax.saxutils import escape

from engine.errors import BadFileError
from engine.language import Text
from engine.system.secrecy import environment_handed_on

OFFICES: Final = ("soffice", "libreoffice")
SECONDS: Final = 120
"""After that LibreOffice is given up."""

STAND_INS: Final[Mapping[str, tuple[str, ...]]] = {
    "仿宋_GB2312": ("仿宋", "FangSong", "STFangsong", "FandolFang R", "FandolFang", "Noto Serif CJK SC"),
    "方正小标宋简体": ("FZXiaoBiaoSong-B05S", "小标宋", "华文中宋", "STZhongsong", "Noto Serif CJK SC"),
    "黑体": ("SimHei", "STHeiti", "Noto Sans CJK SC"),
    "楷体_GB2312": ("楷体", "KaiTi", "STKaiti", "LXGW WenKai", "Noto Serif CJK SC", "AR PL UKai CN"),
    "宋体": ("SimSun", "STSong", "Noto Serif CJK SC"),
    "Times New Roman": ("Liberation Serif", "Nimbus Roman", "Noto Serif CJK SC"),
}
"""Fonts that official documents are set in, and what stands in for them, the best first.

Noto goes before UKai, which has empty signs for some rare characters of names.
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Printed:
    """A PDF, and which fonts stood in for those of the paper."""

    content: bytes
    stand_ins: Mapping[str, str]


def pdf_of(document: bytes) -> Printed:
    """Return the PDF of a .docx.

    Raises:
        BadFileError: If LibreOffice is not installed, or does not make one.
    """
    office = require_office()
    # A profile of its own, so that a LibreOffice that is open is not disturbed and several may work at once.
    with tempfile.TemporaryDirectory(prefix="qingling-", ignore_cleanup_errors=True) as folder:
        source, made = Path(folder, "letter.docx"), Path(folder, "letter.pdf")
        source.write_bytes(document)
        fonts = Path(folder, "fonts.conf")
        fonts.write_text(_font_map(), "utf-8")
        # What it puts aside meanwhile lies in the folder too, and goes with it even where it was killed.
        own = {"FONTCONFIG_FILE": str(fonts), "TMPDIR": folder, "TMP": folder, "TEMP": folder}
        environment = {**environment_handed_on(), **own}
        command = [office, f"-env:UserInstallation={Path(folder, 'profile').as_uri()}", "--headless", "--convert-to"]
        command += ["pdf", "--outdir", folder, str(source)]
        try:
            subprocess.run(command, env=environment, capture_output=True, timeout=SECONDS, check=False)  # noqa: S603 - found on PATH, own file
        except (OSError, subprocess.TimeoutExpired) as error:
            raise _failed() from error
        if not made.exists() or not made.stat().st_size:
            raise _failed()
        return Printed(content=made.read_bytes(), stand_ins=_stand_ins(environment))


def require_office() -> str:
    """Return where LibreOffice is.

    Raises:
        BadFileError: If it is not installed.
    """
    found = next((path for name in OFFICES if (path := shutil.which(name))), None)
    if found is None:
        raise BadFileError(
            Text(
                "PDF needs LibreOffice, which is not installed; open the .docx in Word or WPS and save it as PDF",
                "生成 PDF 需要 LibreOffice，但未安装；请用 Word 或 WPS 打开 .docx 后另存为 PDF",
            )
        )
    return found


def _failed() -> BadFileError:
    """Return the refusal when LibreOffice made nothing."""
    return BadFileError(
        Text(
            "LibreOffice made no PDF; open the .docx in Word or WPS and save it as PDF",
            "LibreOffice 未能生成 PDF；请用 Word 或 WPS 打开 .docx 后另存为 PDF",
        )
    )


def _font_map() -> str:
    """Return the settings by which fonts that are missing are replaced, for our own PDF only."""
    system = os.environ.get("FONTCONFIG_FILE", "/etc/fonts/fonts.conf")
    aliases = "".join(
        f'<match target="pattern"><test qual="any" name="family"><string>{escape(name)}</string></test>'
        + "".join(f'<edit name="family" mode="append" binding="same"><string>{escape(e)}</string></edit>' for e in each)
        + "</match>"
        for name, each in STAND_INS.items()
    )
    return (
        '<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig>'
        f'{aliases}<include ignore_missing="yes">{escape(system)}</include></fontconfig>'
    )


def _stand_ins(environment: Mapping[str, str]) -> dict[str, str]:
    """Return which font stood in for each that is not installed; nothing if that cannot be found out."""
    match = shutil.which("fc-match")
    found: dict[str, str] = {}
    for name in STAND_INS if match else ():
        command = [str(match), "-f", "%{family}", name]
        try:
            said = subprocess.run(command, env=environment, capture_output=True, timeout=10, check=False, text=True)  # noqa: S603 - found on PATH, own words
        except (OSError, subprocess.TimeoutExpired):
            return {}
        families = [each.strip() for each in said.stdout.split(",")]
        if families and name not in families:
            found[name] = families[0]
    return found
