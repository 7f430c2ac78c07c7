"""Cases under cases at the command line: opened by hand, taken along, handed over; shown, listed and verified."""

import json

from houses import House, built_house, house
from language_examples import write_example

__all__ = ["built_house", "house"]


def test_cases_under_cases(house: House) -> None:
    """What the two pages on the language show is done by commands, dry runs first, and the journal verifies."""
    rules = house.folder / "rules"
    rules.mkdir()
    for page in ("children.md", "handing_over.md"):
        write_example(rules, page)
    house.adopt(rules)
    meeting = house.done(
        "receive", "--workflow", "briefing", "--unit", "0101", "--called-on", "2019-07-01", "--agenda", "停车场"
    ).strip()
    task = ("receive", "--workflow", "errand", "--under", meeting, "--given-on", "2019-07-01")
    assert "停车场" in house.run(*task, "--dry-run").output
    number = house.done(*task).strip()
    several = json.dumps([{"given_on": "2019-07-01"}, {"given_on": "2019-07-01", "problem": "另一事"}])
    made = json.loads(house.done(*task[:-2], "--json", "-", stdin=several))
    assert [each["fields"]["problem"] for each in made] == ["停车场", "另一事"]
    under = ("--under", number, "--unit", "0101", "--called-on", "2019-07-01", "--agenda", "x")
    refused = house.run("receive", "--workflow", "briefing", *under)
    assert (refused.exit_code > 0, "cannot stand under" in refused.stderr) == (True, True)
    house.done("advance", meeting, "hold", "--present", "li")
    along = house.done("advance", meeting, "finish_all", "--accepted-on", "2019-07-01")
    assert along.count("with it: 0101-CS-2019-") == 4
    assert f"opened under it: {number}" in house.done("show", meeting)
    assert house.done("show", number).count(meeting) >= 1
    house.done("officer", "add", "hu", "胡某", "--role", "liaison", "--unit", "0102")
    order = house.done(
        "receive", "--workflow", "order", "--unit", "0101", "--called-on", "2019-07-01", "--demand", "停车难"
    ).strip()
    assert "handed over to unit" in house.done("advance", order, "dispatch", "--assigned-unit", "0102")
    assert house.found("show", order)["unit"] == "0102"
    assert house.found("advance", order, "send_back", "--reason", "r", by="hu")["unit"] == "0101"
    assert house.run("journal", "verify").exit_code == 0
