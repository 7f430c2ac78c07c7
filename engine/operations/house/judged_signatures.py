"""Whether signatures in a case's chain were given by those whose they are, and for what was then done."""

from collections.abc import Mapping, Sequence
from typing import Final

from engine.journal.case_events import CaseEvent, CaseVoided, DeadlineExtended, FileAttached, StepTaken
from engine.journal.chain import ChainRow
from engine.journal.signature_events import (
    SIGNING,
    SignatureAsked,
    SignatureGiven,
    Standing,
    extension_asked,
    extension_field,
    follow_signatures,
)
from engine.language import Text
from engine.rules.signed_values import changed, signing_roles
from engine.rules.transitions import Rules
from engine.workflow.deadline import Extension
from engine.workflow.deed_words import DEEDS, VOIDING

_FOLLOWED: Final = SIGNING | {FileAttached.kind}
"""Kinds of rows that say something of signatures, or of pages that bear one."""


class JudgedSignatures:
    """The signatures on a case as its chain tells them, row by row."""

    def __init__(self, rules: Rules, fields: Mapping[str, object]) -> None:
        """Begin with none.

        Args:
            fields: The values of the case, which its owner keeps as they stand before a row.
        """
        self._rules = rules
        self._fields = fields
        self._standing: Standing = {}
        self._asked: dict[int, SignatureAsked] = {}
        self._pages: set[str] = set()
        self._moved = False

    def go_on_by(self, rules: Rules) -> None:
        """Judge by another version of the workflow from now on."""
        self._rules = rules

    def against(self, row: ChainRow, event: CaseEvent, *, in_person: bool) -> Text | None:
        """Return why a row may not say so of signatures; None if it may.

        Args:
            in_person: Officers had to be known by more than a typed name when it was written.
        """
        if isinstance(event, SignatureGiven):
            return self._against_given(row, event)
        if isinstance(event, StepTaken) and self._rules.signatures:
            return self._against_step(event, in_person=in_person)
        if isinstance(event, DeadlineExtended):
            rule = self._extension_of(event)
            demanded = in_person and rule is not None and rule.signature
            covers = extension_asked(
                event.deadline, of="", was_due_on=event.was_due_on, amount=event.amount, unit=event.unit,
                reason=event.reason, exception=event.exception,
            ).covers  # fmt: skip
            field, of = extension_field(event.deadline), event.signed_by
            return self._against_deed(field, event.signed, covers, of, demanded=demanded)
        if isinstance(event, CaseVoided):
            demanded = in_person and self._moved and bool(self._rules.workflow.void_signed_by)
            return self._against_deed(VOIDING, event.signed, {"reason": event.reason}, None, demanded=demanded)
        return None

    def roles_for(self, event: SignatureGiven) -> Sequence[str]:
        """Return one of which roles it takes to give what was asked for; none if any officer may."""
        asked, workflow = self._asked.get(event.asked), self._rules.workflow
        if asked is not None and asked.step in DEEDS:
            return signing_roles(workflow, asked)
        field = workflow.fields.get(event.field)
        return () if field is None else field.held_by

    def _extension_of(self, event: DeadlineExtended) -> Extension | None:
        """Return how the deadline of a row may be extended."""
        declared = self._rules.workflow.deadlines.get(event.deadline)
        return None if declared is None else declared.extend

    def _against_deed(
        self, field: str, given: int | None, covers: Mapping[str, object], of: str | None, *, demanded: bool
    ) -> Text | None:
        """Return why an extension or a voiding was not signed; None if it was, or need not be.

        Args:
            of: Who is said to have signed; None if the row does not say.
        """
        if given is None:
            return (
                Text("the signature in {field} was typed", "{field} 由他人代填").format(field=field)
                if demanded
                else None
            )
        seq, officer, standing, _ = self._standing.get(field, (0, "", None, 0))
        if standing != given or of not in {None, officer}:
            return Text("it was not signed by {of}", "未经 {of} 签字").format(of=of or field)
        if changed(self._asked[seq].covers, covers):
            return Text("other values were signed than it brought", "办理内容与所签内容不符")
        return None

    def follow(self, row: ChainRow, event: CaseEvent) -> None:
        """Let a row have happened."""
        if row.kind not in _FOLLOWED:
            return
        if isinstance(event, StepTaken):
            self._moved = True
            if not self._standing:  # as of nearly all cases
                return
        if isinstance(event, SignatureAsked):
            self._asked[row.seq] = event
        elif isinstance(event, FileAttached):
            self._pages.add(event.digest)
        if not isinstance(event, SignatureGiven) or event.field in self._standing:
            follow_signatures(self._standing, row.seq, row.at, event)

    def _against_given(self, row: ChainRow, event: SignatureGiven) -> Text | None:
        """Return why a signature was not given; None if it was."""
        seq, officer, *_ = self._standing.get(event.field, (0, "", None, 0))
        if (seq, officer) != (event.asked, event.of):
            return Text("nobody had asked for this signature", "该签字未经提请")
        if event.page is None and row.by != event.of:
            return Text("{by} signed in the name of {of}", "{by} 代 {of} 签字").format(by=row.by, of=event.of)
        if event.page is not None and event.page not in self._pages:
            return Text("the page with the signature was not kept", "未留存签字页")
        return None

    def _against_step(self, event: StepTaken, *, in_person: bool) -> Text | None:
        """Return why a step was not signed; None if it was, or takes no signature."""
        for name, given in event.signed.items():
            seq, officer, standing, _ = self._standing.get(name, (0, "", None, 0))
            if standing != given or officer != event.set.get(name):
                return Text("it was not signed by {of}", "未经 {of} 签字").format(of=event.set.get(name, ""))
            asked = self._asked[seq]
            if asked.step != event.trigger or changed(asked.covers, self._with(event)):
                return Text("other values were signed than it brought", "办理内容与所签内容不符")
        typed = (self._rules.signatures & event.set.keys()) - event.signed.keys() if in_person else ()
        for name in typed:
            return Text("the signature in {field} was typed", "{field} 由他人代填").format(field=name)
        return None

    def _with(self, event: StepTaken) -> Mapping[str, object]:
        """Return the values that a step was taken with: before what it emptied by itself."""
        emptied = {name for name in event.was if name not in event.set} - self._cleared(event)
        return {**{k: v for k, v in self._fields.items() if k not in emptied}, **event.set}

    def _cleared(self, event: StepTaken) -> set[str]:
        """Return the fields that a step empties by its declaration."""
        named = event.transition or event.trigger
        return {name for each in self._rules.workflow.transitions if each.name == named for name in each.clears}
