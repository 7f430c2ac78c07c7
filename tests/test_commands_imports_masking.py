"""Who reports is asked about before a ledger goes in, wherever the text shows it; by the real program."""

from pathlib import Path

import pytest
from houses import House, built_house, house
from ledger_maker import saved

from commands.imports import masking

__all__ = ["built_house", "house"]

ROWS = [
    ["收到时间", "线索来源", "举报人", "反映的主要问题"],
    ["2019-06-03", "来信", "赵小虚", "赵小虚反映号贩子在门诊楼揽客"],
    ["2019-06-04", "来电", "", "反映停车场乱收费"],
]


def test_a_name_in_a_summary_is_asked_about_before_it_goes_in(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At a terminal no keeps all of it out, yes lets it in masked; off one it goes in masked, with a question."""
    file = saved(tmp_path / "a.xlsx", ROWS)
    tried = house.run("import", str(file), "--unit", "0101", lang="zh")
    assert ("已隐去，原文已密封" in tried.stdout, "赵小虚" in tried.output) == (True, False)
    monkeypatch.setattr(masking, "can_ask", lambda: True)

    refused = house.run("import", str(file), "--unit", "0101", "--apply", lang="zh", stdin="否\n")
    assert (refused.exit_code, "未写入任何内容" in refused.stderr) == (21, True), refused.output
    assert house.found("list") == []
    taken = house.run("import", str(file), "--unit", "0101", "--apply", lang="zh", stdin="是\n")
    assert (taken.exit_code, "有 1 处文字可看出身份" in taken.stderr) == (0, True), taken.output

    assert len(house.found("list")) == 2
    assert "赵小虚" not in refused.output + taken.output + house.done("list", "--questions", lang="zh")
