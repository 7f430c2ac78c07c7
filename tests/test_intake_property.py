"""Whatever stands in the cells of a ledger: every row is accounted for, and no cell is lost."""

import json
from pathlib import Path
from typing import Any

from houses import House, built_house, house
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ledger_maker import saved

__all__ = ["built_house", "house"]

HEAD = ["收到时间", "线索来源", "反映的主要问题", "办理情况", "责任人", "涉及资金", "紧急程度"]

WORDS = (
    *("2019-06-03", "2019年6月", "2019-02-30", "6月前", "同上", "无", "信箱", "神秘人", "已受理", "部分整改"),
    *("赵某", "孙某", "1万元", "是", "√", "反映号贩子在门诊楼揽客", "反映停车场乱收费", "特急"),
)
CELLS = st.one_of(
    st.sampled_from([*WORDS, ""]),
    st.integers(min_value=0, max_value=99_999),
    st.text(alphabet=st.characters(codec="utf-8", categories=("L", "N", "P")), max_size=12).filter(
        lambda text: not text.startswith(("=", "'"))
    ),
)


@settings(
    max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(rows=st.lists(st.lists(CELLS, min_size=len(HEAD), max_size=len(HEAD)), min_size=1, max_size=6))
def test_every_row_is_accounted_for_and_no_cell_is_lost(house: House, tmp_path: Path, rows: list[list[Any]]) -> None:
    """Rows = opened + updated + unchanged + refused with a reason; what came in is kept as it stood."""
    file = saved(tmp_path / "台账.xlsx", [HEAD, *rows])
    result = house.run("import", str(file), "--unit", "0101", "--apply", "--json")
    assert result.exit_code in {0, 11}, result.output
    found = json.loads(result.stdout)

    counts = found["counts"]
    left_out = [each["at"] for each in found["skipped"] if each["why"] != "header"]
    filled = [place for place, row in enumerate(rows, 2) if any(cell not in ("", None) for cell in row)]
    accounted = {int(at.rpartition("!")[2]) for at in [*left_out, *(each["at"] for each in found["records"])]}
    assert counts["rows"] == sum(counts[name] for name in ("opened", "updated", "unchanged", "refused"))
    assert set(filled) <= accounted
    assert all(each["refusal"] for each in found["records"] if each["outcome"] == "refused")
    asked = {(each["at"].partition(".")[0], each["field"]) for each in found["questions"]}
    for record in found["records"]:
        for field in ("received_on", "source", "summary"):
            assert field in record["values"] or (record["at"], field) in asked or record["outcome"] != "opened"
        if record["outcome"] != "refused":
            kept = house.found("show", record["number"], "--original")["originals"][-1]
            row = rows[int(record["at"].rpartition("!")[2]) - 2]
            stood = [(heading, str(cell)) for heading, cell in zip(HEAD, row, strict=True) if cell != ""]
            assert [(each["heading"], each["text"]) for each in kept["cells"] if not each["sealed"]] == [
                each for each in stood if each[0] not in {c["heading"] for c in kept["cells"] if c["sealed"]}
            ]
