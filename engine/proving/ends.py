"""Promise 1: every case can reach an end, from wherever it may stand and whatever its data."""

from collections.abc import Iterator
from typing import Final

from engine.language import Text
from engine.proving.paths import path_to
from engine.proving.proof_verdicts import PromiseAnswer, PromiseVerdict
from engine.proving.search import Search


def traps(search: Search) -> Iterator[PromiseVerdict]:
    """Yield what is to be said of cases that can no longer end; one verdict for each state.

    The source is the option to complete of a sound workflow net (van der Aalst), asked of states with data
    (Felli, Montali, Winkler 2022): in every standing that can be reached an end can be reached.
    """
    seen: set[str] = set()
    trapped = search.trapped()
    certain = set(search.trapped(unsure=True)) if trapped and search.unsure else set(trapped)
    for number in sorted(trapped, key=lambda each: each not in certain):
        state = search.state_of(number)
        if state not in seen and number not in certain:
            seen.add(state)
            yield PromiseVerdict(1, f"states.{state}", PromiseAnswer.NOT_DECIDED, _ONE_MORE.format(state=state))
        elif state not in seen:
            seen.add(state)
            yield PromiseVerdict(
                1, f"states.{state}", PromiseAnswer.REFUTED, _sentence(search, number), path_to(search, number)
            )


_ONE_MORE: Final = Text(
    "whether a case in '{state}' can end hangs on whether one more case may be opened under it",
    "处于“{state}”的事项能否终结，取决于能否再开立下级事项",
)


def _sentence(search: Search, number: int) -> Text:
    """Return why a case can never end from where it stands."""
    standing = search.standings[number]
    state = search.space.state_names[standing[0]]
    barred: list[Text] = []
    for step in search.steps.get(state, ()):
        known = tuple(standing[each + 1] for each in step.reads)
        if not step.outcomes(known):
            why = step.barring(known)
            shown = ", ".join(f"`{each}`" for each in why[:3]) or "nobody may"
            shown_zh = "、".join(f"`{each}`" for each in why[:3]) or "无人可办"
            barred.append(Text(f"{step.transition.name}: {shown}", f"{step.transition.name}：{shown_zh}"))
    return Text(
        "a case that stands in '{state}' like this can never end{why}",
        "如此处于“{state}”的事项永远不能终结{why}",
    ).format(state=state, why=_list(barred))


def _list(barred: list[Text]) -> Text:
    """Return what is barred, to be appended."""
    if not barred:
        return Text("; it only goes in a circle", "；只能循环往复")
    return Text(
        "; barred: " + "; ".join(each.en for each in barred), "；受阻：" + "；".join(each.zh for each in barred)
    )
