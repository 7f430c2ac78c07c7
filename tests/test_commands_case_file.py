"""`qingling case-file`: what is in the printed file of a case, what never is, and who may print it."""

import hashlib
import json
import re
import sqlite3
import zipfile

from houses import REPORTER, House, built_house, house

__all__ = ["built_house", "house"]


def words_of(file: str) -> str:
    """Return the text of a docx, a line for each paragraph."""
    with zipfile.ZipFile(file) as archive:
        xml = archive.read("word/document.xml").decode("utf-8")
    return re.sub(r"<[^>]+>", "", xml.replace("</w:p>", "\n"))


def test_the_file_of_a_case_holds_all_but_who_reports(house: House) -> None:
    """It has each part that is promised, in the reader's words, with the cases opened from it; never the reporter."""
    number = house.lead("--real-name", "yes", "--reporter", REPORTER, "--secrecy", "internal", "--subject", "吴某")
    house.assigned(number)
    house.done("amend", number, "--retention", "years_30", "--reason", "archive plan")
    paper = house.folder / "笔录.txt"
    paper.write_text("words", "utf-8")
    house.done("attach", number, str(paper))
    signed = ("--supervision-form", "direct", "--signed-by", "li", "--signed-on", "2019-07-01")
    house.done("advance", number, "escalate", *signed, "--supervision-paper", "卫督〔2019〕1号")
    file = house.folder / "案卷.docx"
    said = json.loads(house.done("案卷", number, "-o", str(file), "--reason", "归档", "--json", lang="zh"))
    words = words_of(str(file))

    expected = (
        "密级：内部", "问题线索案卷", number, "保管期限\n30年", "卷内目录", "一、登记事项", "二、办理期限",
        "三、文书", "四、签批",
        "挂牌或提级\n签批人\n李某", "五、文件依据", "督办文号\n卫督〔2019〕1号",
        "六、附件清单", "笔录.txt", "七、办理经过",
        "交办，已受理 → 已交办", "八、督办 0101-", "吴某", "医院门口有人强揽生意",
    )  # fmt: skip
    assert [each for each in expected if each not in words] == []
    assert REPORTER not in words
    assert said["sha256"] == hashlib.sha256(file.read_bytes()).hexdigest()
    assert file.stat().st_mode & 0o077 == 0
    with sqlite3.connect(house.database) as database:
        rows = database.execute("SELECT body FROM journal WHERE case_id = 0 AND kind = 'exported'").fetchall()
    noted = json.loads(rows[-1][0])
    assert (noted["what"], noted["scope"], noted["reason"]) == ("case-file docx", {"case": number}, "归档")
    assert "there already" in house.refused(11, "case-file", number, "-o", str(file))
    assert "ends in .docx" in house.refused(2, "case-file", number, "-o", str(house.folder / "file.pdf"))
    house.done("case-file", number, "-o", str(file), "--replace")
    assert "Reported under a real name" in words_of(str(file))
    house.done("journal", "verify")


def test_secrecy_is_changed_with_a_signature_only(house: House) -> None:
    """A lead's secrecy is not corrected beside the steps; the step asks who signed."""
    number = house.lead("--secrecy", "work_secret")

    assert "set by a step" in house.run("amend", number, "--secrecy", "open", "--reason", "x").stderr
    assert "--signed-by" in house.run("advance", number, "set_secrecy", "--secrecy", "open", "--reason", "x").stderr
    house.done("advance", number, "set_secrecy", "--secrecy", "open", "--reason", "x", "--signed-by", "li")
    assert house.found("show", number, "--json")["fields"]["secrecy"] == "open"
