"""The declarations that a ledger has adopted, and those that it would have with some files besides."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Protocol

from engine.errors import DatabaseError, InvalidWorkflowError, NotFoundError, QinglingError
from engine.language import Text
from engine.workflow.model import Workflow
from engine.workflow.powers import Role
from engine.workflow.problems import Problem, did_you_mean
from engine.workflow.proofs import LogInLimits
from engine.workflow.texts import KeptText, Source, TextKind
from workflows.book import ADDED, Lists, wordings_of
from workflows.loader import Declarations


class Adopted(Protocol):
    """Gives the texts that a ledger has adopted; `engine.operations.ledger.adopted.AdoptedTexts` is one that fits."""

    def newest(self, kind: TextKind) -> Mapping[str, int]:
        """Return the newest version of each text of a kind, by name."""

    def text(self, kind: TextKind, name: str, version: int) -> str | None:
        """Return a version of a text as JSON; None if it was not adopted.

        Raises:
            DatabaseError: If it is not what the journal says was adopted.
        """


class AdoptedDeclarations(Lists):
    """The declarations by which a ledger works; no file is read."""

    def __init__(self, texts: Adopted) -> None:
        """Open the book."""
        self._texts = texts
        self._known: dict[tuple[str, int], Workflow] = {}
        self._latest: dict[str, Workflow] = {}

    def names(self) -> tuple[str, ...]:
        """Return the names of all workflows."""
        return tuple(self._workflows)

    def latest(self, name: str) -> Workflow:
        """Return the version that new cases begin with.

        Raises:
            NotFoundError: If no workflow has that name.
            DatabaseError: If it is not what the journal says was adopted.
        """
        if name not in self._latest:
            if name not in self._workflows:
                raise NotFoundError(_no_workflow(name, self._workflows))
            self._latest[name] = self._read(name, self._workflows[name], synonyms=True)
        return self._latest[name]

    def at(self, name: str, version: int) -> Workflow:
        """Return the version that a case began with; without the synonyms that help to read ledgers.

        Raises:
            NotFoundError: If that version was not adopted.
            DatabaseError: If it is not what the journal says was adopted.
        """
        key = (name, version)
        if key not in self._known:
            self._known[key] = self._read(name, version)
        return self._known[key]

    def campaign(self, name: str) -> Source | None:
        """Return the campaign of that name as it was adopted; None if none was."""
        sources = _Sources(self._texts, TextKind.CAMPAIGN)
        return sources.get(name)

    def check(self) -> tuple[tuple[Workflow, ...], tuple[Problem, ...]]:
        """Return the newest version of each workflow that can be read, and what is wrong with the others."""
        sound: list[Workflow] = []
        found: list[Problem] = []
        for name in self.names():
            try:
                sound.append(self.latest(name))
            except QinglingError as error:
                found.append(Problem(file="", line=0, culprit=name, sentence=error.sentence))
        return tuple(sound), tuple(found)

    def _read(self, name: str, version: int, *, synonyms: bool = False) -> Workflow:
        """Return a version that was adopted; its lists stand in it."""
        kept = self._texts.text(TextKind.WORKFLOW, name, version)
        if kept is None:
            raise NotFoundError(
                Text(
                    f"workflow {name} version {version} was not adopted; see: qingling adopt --list",
                    f"流程 {name} 第 {version} 版未采用；请查看：qingling adopt --list",
                )
            )
        return _parsed(kept, tuple(self._together("synonyms")) if synonyms else ())

    def declared_roles(self) -> Mapping[str, Role]:
        """Return all roles with what they may do and read; of a ledger that never adopted any, those of the program.

        Such a ledger is from before: it can be backed up and brought up by those who could before, and nothing else.
        """
        if not self._texts.newest(TextKind.LIST):
            return Declarations().declared_roles()
        return super().declared_roles()

    def log_in_limits(self) -> LogInLimits:
        """Return the limits of log-ins; of a ledger that never adopted any, those of the program."""
        if not self._texts.newest(TextKind.LIST):
            return LogInLimits()
        return super().log_in_limits()

    @cached_property
    def _workflows(self) -> Mapping[str, int]:
        """The newest version of each workflow."""
        found = self._texts.newest(TextKind.WORKFLOW)
        if not found:
            raise _nothing_adopted()
        return found

    @cached_property
    def _list_sources(self) -> Mapping[str, Source]:
        """The lists, each read from the ledger when it is asked for."""
        if not self._texts.newest(TextKind.LIST):
            raise _nothing_adopted()
        return _Sources(self._texts, TextKind.LIST)

    def _together(self, name: str) -> Iterable[Source]:
        """Return the program's list and the house's additions to it."""
        for kind in (TextKind.LIST, TextKind.ADDITION):
            sources = _Sources(self._texts, kind)
            if name in sources:
                yield sources[name]


_wordings = lru_cache(maxsize=8)(wordings_of)


@lru_cache(maxsize=256)
def _parsed(kept: str, synonyms: tuple[Source, ...]) -> Workflow:
    """Return what a text declares; each thread of a desk, and each ledger of a program, shares what was parsed once.

    Args:
        synonyms: The lists of wordings that help to read ledgers.
    """
    import json

    from engine.reading.declarations import sketch_workflow

    workflow, wrong = sketch_workflow(json.loads(kept), lists={}, synonyms=_wordings(synonyms))
    if workflow is None or wrong:
        raise InvalidWorkflowError([each.text for each in wrong])
    return workflow


class _Sources(Mapping[str, Source]):
    """The newest version of each adopted text of a kind, read when it is asked for."""

    def __init__(self, texts: Adopted, kind: TextKind) -> None:
        self._texts = texts
        self._kind = kind

    def __getitem__(self, name: str) -> Source:
        version = self._texts.newest(self._kind)[name]
        plain = self._texts.text(self._kind, name, version)
        assert plain is not None
        return KeptText(name, plain)

    def __iter__(self) -> Iterator[str]:
        return iter(self._texts.newest(self._kind))

    def __len__(self) -> int:
        return len(self._texts.newest(self._kind))


def adopted_sources(texts: Adopted, kind: TextKind) -> Mapping[str, Source]:
    """Return the newest version of each text of a kind that was adopted, by name."""
    return _Sources(texts, kind)


class Trial(Declarations):
    """The declarations that a ledger would have if it adopted some files."""

    def __init__(
        self, texts: Adopted, *, lists: Sequence[Path], workflows: Sequence[Path], campaigns: Sequence[Path] = ()
    ) -> None:
        """Open the book.

        Args:
            texts: What is adopted already.
            lists: Files of lists; those of the program's own words add to its lists.
            workflows: Files of workflows.
            campaigns: Files of campaigns, by whose days cases may open.
        """
        super().__init__()
        self._texts = texts
        self._given_lists = {each.stem: each for each in lists}
        self._given = {each.stem: each for each in workflows}
        self._given_campaigns = {each.stem: each for each in campaigns}

    def problems_of_given(self) -> tuple[Problem, ...]:
        """Return everything that is wrong with the files, or with adopted workflows beside them."""
        rest = [each for name, each in self._files.items() if name not in self._given] if self._given_lists else []
        return self._checked(tuple(self._given_lists.values()), (*self._given.values(), *rest))[1]

    @cached_property
    def _files(self) -> Mapping[str, Source]:
        return {**_Sources(self._texts, TextKind.WORKFLOW), **self._given}

    @cached_property
    def _list_files(self) -> Mapping[str, Source]:
        replaced = {name: path for name, path in self._given_lists.items() if name not in ADDED}
        return {**_Sources(self._texts, TextKind.LIST), **replaced}

    @cached_property
    def _campaign_files(self) -> Mapping[str, Source]:
        return {**_Sources(self._texts, TextKind.CAMPAIGN), **self._given_campaigns}

    @cached_property
    def _all_shipped(self) -> bool:
        return False

    def _together(self, name: str) -> tuple[Source, ...]:
        found = [_Sources(self._texts, kind) for kind in (TextKind.LIST, TextKind.ADDITION)]
        given = self._given_lists.get(name)
        kept = [each[name] for each in (found[:1] if given else found) if name in each]
        return (*kept, *([given] if given else []))


def _no_workflow(name: str, known: Iterable[str]) -> Text:
    """Return the sentence that no workflow of that name was adopted."""
    return Text(
        "no workflow is called '{name}'{guess}; see: qingling adopt --list",
        "没有名为“{name}”的流程{guess}；请查看：qingling adopt --list",
    ).format(name=name, guess=did_you_mean(name, known))


def _nothing_adopted() -> DatabaseError:
    """Return the refusal to work in a ledger that works by nothing."""
    return DatabaseError(
        Text(
            "this ledger has adopted no workflows and lists yet; let it: qingling upgrade",
            "此台账尚未采用任何流程和列表；请运行：qingling upgrade",
        )
    )
