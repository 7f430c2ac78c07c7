"""What a look at an installation finds: of what, how it stands, and the sentence that says so."""

from dataclasses import dataclass
from typing import Final, Literal

from engine.language import Text

Verdict = Literal["ok", "note", "attention", "wrong"]
MARKS: Final[dict[Verdict, Text]] = {
    "ok": Text("ok", "正常"),
    "note": Text("note", "说明"),
    "attention": Text("ATTENTION", "注意"),
    "wrong": Text("WRONG", "有误"),
}


@dataclass(frozen=True, slots=True)
class Finding:
    """What was looked at, how it stands, and the sentence that says so."""

    topic: Text
    verdict: Verdict
    sentence: Text
