"""What signatures bring to the step that was signed, and why a step is not taken with them."""

from collections.abc import Mapping
from typing import NamedTuple

from engine.journal.case_events import StepTaken
from engine.language import Text
from engine.operations.cases.signatures import StandingSignature, standing_of
from engine.operations.ledger.demands import signed_in_person
from engine.operations.ledger.free_text import Seen
from engine.operations.ledger.ledger import Ledger
from engine.rules.case import Case, Decision
from engine.rules.signed_values import changed, signatures_taken
from engine.rules.transitions import Rules, grown


class Signed(NamedTuple):
    """The signatures that a step takes, and those of them that were given for it."""

    taken: frozenset[str]
    given: Mapping[str, StandingSignature]
    asked: frozenset[str]
    """Those that the step asks for or needs."""
    in_person: bool
    """Whether they must be given: nobody types another's."""
    brings: frozenset[str] = frozenset()
    """What the step can be brought; a request covers besides what the register said."""


_NONE = Signed(frozenset(), {}, frozenset(), in_person=False)
_WHO = Text("OFFICER", "人员")


def signatures_for(ledger: Ledger, rules: Rules, case: Case, trigger: str) -> Signed:
    """Return what was signed of a step that a case is to take."""
    taken = signatures_taken(rules, case.state, trigger)
    if not taken:
        return _NONE
    standing = standing_of(ledger, case)
    given = {
        name: each
        for name, each in standing.items()
        if name in taken and each.row.given_seq is not None and each.asked.step == trigger
    }
    steps = rules.machine.plan(trigger).get(case.state, ())
    asked = taken.intersection(name for each in steps for name in (*each.asks, *each.needs))
    brings = frozenset(name for each in steps for name in rules.takes[each.name])
    return Signed(taken, given, asked, in_person=signed_in_person(ledger), brings=brings)


def with_signed(signed: Signed, values: Mapping[str, object]) -> Mapping[str, object]:
    """Return what a step brings, with what was proposed to those who signed it, and who did."""
    if not signed.given:
        return values
    brought: dict[str, object] = {}
    for name, each in signed.given.items():
        brought |= {of: value for of, value in each.asked.proposed.items() if of in signed.brings}
        brought[name] = each.row.officer
    return {**brought, **values}


def seen_when_signed(signed: Signed, typed: Mapping[str, object]) -> Seen:
    """Return what was insisted on in the texts that a step brings as they were signed, and nobody typed again."""
    return {
        name: kinds
        for each in signed.given.values()
        for name, kinds in each.asked.seen.items()
        if name in each.asked.proposed and name not in typed
    }


def against_signed(
    signed: Signed, rules: Rules, case: Case, brought: Mapping[str, object], filled: Mapping[str, object]
) -> list[Text]:
    """Return why a step is not taken with the signatures as they are.

    Args:
        brought: Checked values.
        filled: What the register says of the case's figures.
    """
    fields = rules.workflow.fields
    found = []
    merged = {**case.fields, **filled, **grown(rules, case.fields, brought)}
    for name in sorted(signed.taken):
        each, title, option = signed.given.get(name), fields[name].title, fields[name].option
        typed = brought.get(name)
        if each is None or (typed is not None and typed != each.row.officer):
            if signed.in_person and (typed is not None or name in signed.asked):
                found.append(
                    Text(
                        "'{title}' is given in person, not typed: qingling sign {number} --ask {option} --signer {who}",
                        "“{title}”由本人签字，不能代填：qingling sign {number} --ask {option} --signer {who}",
                    ).format(title=title, number=case.number, option=option, who=typed or _WHO)
                )
        elif differing := changed(each.asked.covers, merged):
            names = [fields[which].title for which in differing]
            found.append(
                Text(
                    "'{title}' was given for other values of: {names}; ask for it again",
                    "“{title}”签字后以下内容有变化：{names_zh}；请重新提请签字",
                ).format(
                    title=title,
                    names=", ".join(which.en for which in names),
                    names_zh="、".join(which.zh for which in names),
                )
            )
    return found


def with_signatures(decision: Decision, signed: Signed, insisted: Seen) -> Decision:
    """Return a decision whose journal row names the rows by which its signatures were given.

    Args:
        insisted: What `seen_when_signed` says; it is journaled with these texts as it was when they were first written.
    """
    used = {
        name: each.row.given_seq
        for name, each in sorted(signed.given.items())
        if each.row.given_seq is not None and decision.fields.get(name) == each.row.officer
    }
    if not used or not isinstance(decision.event, StepTaken):
        return decision
    return decision._replace(event=decision.event.replace(signed=used, seen=insisted))
