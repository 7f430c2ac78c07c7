"""What a look at an installation finds, thing by thing; changes nothing."""

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import cache
from importlib.metadata import packages_distributions
from importlib.util import find_spec
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Final

from commands.console.context import AppContext, known_files_folder
from commands.console.environment import FILES, KEY_FILE, LANGUAGE, NOW, OFFICER, WORKFLOWS, variable
from commands.shared.findings import Finding
from engine.errors import QinglingError
from engine.language import Text

if TYPE_CHECKING:
    from engine.operations.ledger.ledger import Ledger

ROOMS: Final = ("cli", "commands", "desk", "engine", "workflows", "notifications", "presentation", "documents")
"""Our top-level names, which other distributions may ship too."""
OURS: Final = "qingling"
ROOT: Final = Path(__file__).parent.parent.parent
VARIABLES: Final = (LANGUAGE, OFFICER, NOW, WORKFLOWS, FILES, KEY_FILE)

_BEYOND: Final = (
    Text("terms that reach further are refused in {}", "超出的期限不予推算的流程：{}"),
    Text(
        "terms that reach further are counted by weekdays and provisional in {}",
        "超出的期限按周一至周五推算并标为暂估的流程：{}",
    ),
)


def examined(app: AppContext, *, deep: bool = False) -> Iterator[Finding]:
    """Yield all that is found.

    Args:
        deep: Read every page of a large database too.
    """
    from commands.shared.machine_checks import of_the_disks, of_the_permissions

    yield from names()
    yield from settings()
    yield from of_the_ledger(app, deep=deep)
    yield from _of_the_calendar(app)
    yield from of_the_permissions(app)
    yield from of_the_disks(app)


@cache
def _owners() -> Mapping[str, list[str]]:
    """Return which distributions ship each name; asked once, since all records of what is installed are read."""
    return packages_distributions()


def names(owners: Callable[[], Mapping[str, list[str]]] = _owners, root: Path = ROOT) -> Iterator[Finding]:
    """Yield, for each of our top-level names, who owns it and which file would be loaded.

    pip overwrites a name that two distributions ship, without a word; then one of them is broken.
    """
    owned = owners()
    for room in ROOMS:
        topic = Text(f"name {room}", f"名称 {room}")
        others = sorted({each for each in owned.get(room, ()) if each.lower() != OURS})
        spec = find_spec(room)
        origin = Path(spec.origin) if spec is not None and spec.origin else None
        if others:
            yield Finding(
                topic,
                "wrong",
                Text(
                    f"also shipped by {', '.join(others)}; install qingling into an environment of its own",
                    f"{'、'.join(others)} 也带有同名模块；请把 qingling 安装到独立环境",
                ),
            )
        elif origin is None or not origin.is_relative_to(root):
            yield Finding(
                topic,
                "wrong",
                Text(f"loaded from {origin}, not from {root}", f"加载自 {origin}，而不是 {root}"),
            )
        else:
            yield Finding(topic, "ok", Text(str(origin), str(origin)))


def settings() -> Iterator[Finding]:
    """Yield the Python in use and the settings from the environment."""
    version = sys.version.split()[0]
    yield Finding(Text("Python", "Python"), "ok", Text(f"{version}, {sys.executable}", f"{version}，{sys.executable}"))
    for name in VARIABLES:
        if value := variable(name):
            yield Finding(Text(name, name), "note", Text(f"set to {value}", f"已设为 {value}"))


def of_the_ledger(app: AppContext, *, deep: bool = False) -> Iterator[Finding]:
    """Yield whether the database can be opened, is whole and set up, and the workflows are sound.

    Args:
        deep: Read every page of a large database too.
    """
    from commands.shared.house_checks import of_the_house, of_the_people, of_the_tables
    from engine.operations.house.installation import is_whole, newest_backup_at, where_it_is
    from engine.operations.ledger.need_to_know import UNSEEN, everybody, veiled_text

    topic = Text("database", "数据库")
    try:
        ledger = app.ledger
        where, _ = where_it_is(app.database)
        whole = is_whole(ledger, deep=deep)
        if whole is False:
            yield Finding(
                topic,
                "wrong",
                Text(f"{where} is damaged; restore a backup", f"{where} 已损坏；请从备份恢复"),
            )
            return
        house = ledger.settings.get("name")
        if house is None:
            yield Finding(
                topic, "wrong", Text(f"{where} was never set up: qingling init", f"{where} 尚未初始化：qingling init")
            )
            return
        yield Finding(topic, "ok", Text(f"{where}: {house}", f"{where}：{house}"))
        if whole is None:
            yield _of_unread_pages(topic, newest_backup_at(ledger), ledger.zone)
        if not ledger.store.sees_all:
            yield Finding(
                topic,
                "attention",
                Text(f"{UNSEEN.en}: the rest was not looked at", f"{UNSEEN.zh}：其余未检查"),
            )
        from commands.shared.time_checks import of_the_time

        anybody = everybody(ledger)
        looked = (
            of_the_tables(ledger),
            of_the_house(ledger, app),
            of_the_time(ledger, now=app.now),
            of_the_people(ledger),
        )
        for found in chain.from_iterable(looked):
            yield replace(found, sentence=veiled_text(anybody, found.sentence))  # nobody is asked who they are
    except QinglingError as error:
        yield Finding(topic, "wrong", error.sentence)
        return
    yield from _of_the_contents(ledger, app.database)
    yield from _of_the_channels(ledger, app)
    topic = Text("workflows", "流程")
    wrong = [each.text for each in app.declarations.check()[1]]
    for each in wrong:
        yield Finding(topic, "wrong", each)
    if not wrong:
        yield _of_the_shipped(ledger, app)
        yield from _of_own_templates(app)


def _of_unread_pages(topic: Text, backed_up: datetime | None, zone: str) -> Finding:
    """Return that the pages of a large file were not read, and on which local day a backup last did."""
    from engine.working_days.instants import local_day, microseconds

    day = "" if backed_up is None else local_day(microseconds(backed_up), zone).isoformat()
    return Finding(
        topic,
        "note",
        Text(
            "it is large, so its pages were not read: qingling doctor --deep"
            + (f"; the backup of {day} did" if day else ", or a backup"),
            "文件较大，未逐页检查：qingling doctor --deep" + (f"；{day} 备份时已检查" if day else "，或作备份"),
        ),
    )


def _of_the_contents(ledger: "Ledger", database: str) -> Iterator[Finding]:
    """Yield whether the attached files are still what was attached; nothing where there are none."""
    from engine.operations.cases.attachments import left_aside, verify_contents

    topic, folder = Text("attached files", "附件"), known_files_folder(database)
    if folder is None:
        yield Finding(
            topic,
            "note",
            Text(f"not looked at: set {FILES} to their folder", f"未核对：请设置 {FILES}，指明附件文件夹"),
        )
        return
    files, spoilt = verify_contents(ledger, folder)
    if spoilt:
        yield Finding(
            topic,
            "wrong",
            Text(
                f"{len(spoilt)} of {files} are gone or changed; see: qingling journal verify",
                f"{files} 个中有 {len(spoilt)} 个缺失或已被改动；请查看：qingling journal verify",
            ),
        )
    left = len(left_aside(ledger, folder))
    if left:
        yield Finding(
            topic,
            "note",
            Text(
                f"{left} left by a program that was killed while it attached them; the next file that is attached takes"
                " them away",
                f"{left} 个为附入途中程序异常终止所遗留，下次附入文件时自动清除",
            ),
        )
    if files and not spoilt:
        yield Finding(topic, "ok", Text(f"{files} as they were attached", f"{files} 个，均与所附时一致"))


def _of_the_channels(ledger: "Ledger", app: AppContext) -> Iterator[Finding]:
    """Yield whether messages can go out: the file of channels, its secrets and the templates."""
    from commands.shared.delivery import channels_file, channels_of
    from engine.errors import InvalidWorkflowError
    from notifications.render import Templates

    topic = Text("channels", "通道")
    if channels_file(ledger, app.database) is None:
        yield Finding(topic, "note", Text("none is set up: no message is sent", "未配置发送通道：不发送消息"))
        return
    try:
        found = channels_of(ledger, app.database)
        wrong = [*found.absent, *Templates(found.templates, levels=ledger.workflows.levels()).problems()]
    except InvalidWorkflowError as error:
        found, wrong = None, list(error.problems)
    except QinglingError as error:
        found, wrong = None, [error.sentence]
    for each in wrong:
        yield Finding(topic, "wrong", each)
    if found is not None and not wrong:
        yield Finding(topic, "ok", Text(", ".join(found.channels), "、".join(found.channels)))


def _of_the_shipped(ledger: "Ledger", app: AppContext) -> Finding:
    """Return by which workflows the ledger works, and which texts the program has newer."""
    from commands.shared.rule_files import shipped_texts
    from engine.operations.house.adopting import newer_shipped

    topic = Text("workflows", "流程")
    found = newer_shipped(ledger, shipped_texts())
    if found:
        from presentation.adopted_titles import AdoptedTitles

        titles = AdoptedTitles(ledger)
        newer = ", ".join(f"{each.kind.value} {each.name}" for each in found)
        called = "、".join(f"{each.kind.says.zh}“{titles.title(each.kind, each.name).zh}”" for each in found)
        return Finding(
            topic,
            "attention",
            Text(
                f"the program has newer ones than were adopted: {newer}; see: qingling upgrade",
                f"程序提供的比已采用的新：{called}；请运行：qingling upgrade",
            ),
        )
    return Finding(topic, "ok", _titled(app, app.declarations.names()))


def _of_own_templates(app: AppContext) -> Iterator[Finding]:
    """Yield that templates lie in the house's folders from which no letter is made."""
    from commands.shared.letter_files import not_adopted_yet

    own = not_adopted_yet(app)
    if own:
        yield Finding(
            Text("letters", "文书"),
            "attention",
            Text(
                f"templates that no letter is made from, since they were not adopted: {', '.join(map(str, own))}; see:"
                " qingling adopt FILE",
                f"以下模板未经采用，不会用于编发：{'、'.join(map(str, own))}；请运行：qingling adopt 文件",
            ),
        )


def _titled(app: AppContext, names: Sequence[str]) -> Text:
    """Return what workflows are called: by name, in Chinese by title."""
    return Text(", ".join(names), "、".join(app.declarations.latest(each).title.zh for each in names))


def _of_the_calendar(app: AppContext) -> Iterator[Finding]:
    """Yield up to which year working days are known to the house."""
    last, this = _last_known(app), app.now.year
    if last is None:
        yield Finding(Text("calendar", "日历"), "ok", Text("working days of every year are known", "各年工作日均已知"))
        return
    sentence = Text(f"working days are published up to {last}", f"工作日已公布至 {last} 年")
    for words, names in zip(_BEYOND, _beyond_the_calendar(app), strict=True):
        if names:
            named = _titled(app, names)
            sentence = Text(
                f"{sentence.en}; {words.en.format(named.en)}", f"{sentence.zh}；{words.zh.format(named.zh)}"
            )
    late = last < this or (last == this and app.now.month == 12)
    yield Finding(Text("calendar", "日历"), "wrong" if last < this else "attention" if late else "ok", sentence)


def _last_known(app: AppContext) -> int | None:
    """Return the last year of the calendar by which the house counts, China's if it cannot be opened; None if all."""
    from engine.operations.house.own_days import last_published
    from engine.working_days.calendars import china

    try:
        return last_published(app.ledger.calendar)
    except QinglingError:
        return last_published(china())  # said of the database


def _beyond_the_calendar(app: AppContext) -> tuple[list[str], list[str]]:
    """Return the workflows that refuse a term beyond the published years, and those that count it by weekdays."""
    found: dict[str, list[str]] = {"refuse": [], "weekdays": []}
    try:
        names_ = app.declarations.names()
    except QinglingError:
        return [], []  # said of the database, without which nothing more is declared
    for name in names_:
        try:
            declared = app.declarations.latest(name).deadlines.values()
        except QinglingError:
            continue  # said among the workflows
        ways = {
            each.unpublished
            for each in declared
            if each.end_roll != "none" or any(term.unit.startswith("working") for term in each.lengths)
        }
        for way in ways:
            found[way].append(name)
    return found["refuse"], found["weekdays"]
