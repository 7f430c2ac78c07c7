"""The book of declarations: the shipped folder, then the user's, which may replace files by name.

Declarations that cases began with come from the database; files are read for new cases only. What
is wrong in a file is said with file and line. A shipped declaration is proved by the tests and not
judged again at run time unless a user's file stands beside it.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.errors import BadFileError, InvalidWorkflowError, NotFoundError
from engine.language import Text
from engine.reading.choice_lists import choices_in, law_in, ledger_roles_in, levels_in, wordings_in
from engine.reading.heading_words import heading_words_in
from engine.reading.yaml_file import read
from engine.workflow.model import Workflow
from engine.workflow.problems import Problem, Where, did_you_mean
from engine.workflow.texts import Source
from workflows.book import SHIPPED, Lists, shown

if TYPE_CHECKING:
    from engine.validation.check import Known

Stored = Callable[[str, int], tuple[str, str] | None]
"""Gives digest and JSON of a version that cases began with."""


class Declarations(Lists):
    """All declarations and lists, each file read once and only when it is asked for."""

    def __init__(self, folders: Sequence[Path] = (), *, stored: Stored | None = None) -> None:
        """Open the book.

        Args:
            folders: The user's own, each laid out like the shipped one; a later one goes before.
            stored: Where versions in use are kept; None if nothing is kept yet.

        Raises:
            BadFileError: If one of the folders is not there.
        """
        for folder in folders:
            if not folder.is_dir():
                raise BadFileError(
                    Text(f"{folder}: there is no such folder of workflows", f"{folder}：没有这个流程目录")
                )
        self._folders = (SHIPPED, *folders)
        self._stored = stored or (lambda _name, _version: None)
        self._parsed: dict[Source, tuple[Workflow | None, tuple[Problem, ...], Where]] = {}
        self._latest: dict[str, Workflow] = {}
        self._kept: dict[tuple[str, int], Workflow] = {}

    def names(self) -> tuple[str, ...]:
        """Return the names of all workflows."""
        return tuple(sorted(self._files))

    def latest(self, name: str) -> Workflow:
        """Return the version that new cases begin with.

        Raises:
            NotFoundError: If no workflow has that name.
            InvalidWorkflowError: If its declaration is not sound, or is in use with other content.
        """
        if name not in self._latest:
            self._latest[name] = self._judged(name)
        return self._latest[name]

    def at(self, name: str, version: int) -> Workflow:
        """Return the version that a case began with; without the synonyms that help to read ledgers.

        Raises:
            NotFoundError: If that version is neither stored nor in a file.
            InvalidWorkflowError: If it stands in a file that is not sound.
        """
        key = (name, version)
        if key not in self._kept:
            kept = self._stored(name, version)
            self._kept[key] = self._from_file(name, version) if kept is None else _from_json(kept[1])
        return self._kept[key]

    def campaign(self, name: str) -> Source | None:
        """Return the file of the campaign of that name; None if there is none."""
        return self._campaign_files.get(name)

    def problems(self, name: str) -> tuple[Problem, ...]:
        """Return everything that is wrong with the declaration of that name.

        Raises:
            NotFoundError: If no workflow has that name.
        """
        return self._checked((), (self._file(name),))[1]

    def check(self, paths: Sequence[Path] = ()) -> tuple[tuple[Workflow, ...], tuple[Problem, ...]]:
        """Return the sound workflows of *paths*, or of the whole book, and every problem found.

        A path may be a list too. Files that are checked stand for those of the same name in the book.
        """
        if not paths:
            return self._checked(tuple(self._list_files.values()), tuple(self._files.values()))
        lists = tuple(path for path in paths if path.parent.name == "lists")
        return self._checked(lists, tuple(path for path in paths if path not in lists))

    def around(self, paths: Sequence[Path] = ()) -> tuple[tuple[Workflow, "Known", Where], ...]:
        """Return the workflows of *paths*, or of the whole book, with all that each may name, and where it stands.

        They need not be sound.

        Raises:
            InvalidWorkflowError: If one cannot be read.
        """
        declared: Sequence[Source] = [each for each in paths if each.parent.name != "lists"]
        declared = declared if paths else tuple(self._files.values())
        known = {path.stem: each for path in self._files.values() if (each := self._well_shaped(path))}
        known |= {path.stem: each for path in declared if (each := self._read(path)[0])}
        found = []
        for path in declared:
            workflow, wrong, where = self._read(path)
            if workflow is None or wrong:
                raise InvalidWorkflowError([each.text for each in wrong])
            found.append((workflow, self._around(workflow, known, path), where))
        return tuple(found)

    def _checked(
        self, lists: Sequence[Source], declared: Sequence[Source]
    ) -> tuple[tuple[Workflow, ...], tuple[Problem, ...]]:
        """Return the sound workflows among *declared*, and every problem found there and in *lists*."""
        found: list[Problem] = []
        for path in lists:
            found += _list_problems(path)
        known = {path.stem: each for path in self._files.values() if (each := self._well_shaped(path))}
        known |= {path.stem: each for path in declared if (each := self._read(path)[0])}
        sound = []
        for path in declared:
            workflow, wrong, where = self._read(path)
            if workflow is not None:
                wrong = (*wrong, *self._findings(workflow, where, known, path, malformed=wrong))
            if workflow is not None and not wrong:
                sound.append(workflow)
            found += wrong
        return tuple(sound), tuple(found)

    def _judged(self, name: str) -> Workflow:
        """Return the workflow in the file of that name if it is sound and not in use with other content."""
        path = self._file(name)
        workflow, wrong, where = self._read(path)
        if workflow is None or wrong:
            raise InvalidWorkflowError([each.text for each in wrong])
        kept = self._stored(name, workflow.version)
        if kept is not None:
            if not _same(kept[1], workflow.plain):
                raise InvalidWorkflowError([_in_use(workflow, where).text])
        elif not self._all_shipped:
            known = {each.stem: found for each in self._files.values() if (found := self._well_shaped(each))}
            wrong = self._findings(workflow, where, known, path)
            if wrong:
                raise InvalidWorkflowError([each.text for each in wrong])
        return workflow

    def _from_file(self, name: str, version: int) -> Workflow:
        """Return the version of a workflow that is not stored, from its file."""
        latest = self.latest(name)
        if latest.version == version:
            return latest
        raise NotFoundError(
            Text(
                f"workflow {name} version {version} is neither stored nor in a file; the file has version"
                f" {latest.version}",
                f"流程 {name} 第 {version} 版既未存储，也不在文件中；文件为第 {latest.version} 版",
            )
        )

    def _file(self, name: str) -> Source:
        """Return the file that declares a workflow."""
        if name in self._files:
            return self._files[name]
        raise NotFoundError(
            Text(
                "no workflow is called '{name}'{guess}; see: qingling workflow list",
                "没有名为“{name}”的流程{guess}；请查看：qingling workflow list",
            ).format(name=name, guess=did_you_mean(name, self._files))
        )

    def _read(self, path: Source) -> tuple[Workflow | None, tuple[Problem, ...], Where]:
        """Return the workflow in a file, as far as it can be read, and what is wrong with its shape."""
        if path not in self._parsed:
            self._parsed[path] = self._freshly_read(path)
        return self._parsed[path]

    def _well_shaped(self, path: Source) -> Workflow | None:
        """Return the workflow in a file; None if anything is wrong with its shape."""
        workflow, wrong, _ = self._read(path)
        return None if wrong else workflow

    def _freshly_read(self, path: Source) -> tuple[Workflow | None, tuple[Problem, ...], Where]:
        """Read a file and parse what it says."""
        from engine.reading.declarations import sketch_workflow

        plain, where, wrong = read(path, shown(path))
        if not plain:
            return None, wrong, where
        workflow, malformed = sketch_workflow(plain, lists=self.lists, where=where, synonyms=self._synonyms)
        problems = [*wrong, *malformed]
        if workflow is not None and workflow.name != path.stem:
            problems.append(
                where.problem(
                    ("workflow",),
                    Text(f"the file must be called {workflow.name}.yaml", f"文件名须为 {workflow.name}.yaml"),
                    mended=True,
                )
            )
        return workflow, tuple(problems), where

    def _findings(
        self,
        workflow: Workflow,
        where: Where,
        known: Mapping[str, Workflow],
        path: Source,
        malformed: Sequence[Problem] = (),
    ) -> tuple[Problem, ...]:
        """Return what is wrong with what a workflow means."""
        from engine.validation.check import problems

        return problems(workflow, known=self._around(workflow, known, path), where=where, malformed=malformed)

    def _around(self, workflow: Workflow, known: Mapping[str, Workflow], path: Source) -> "Known":
        """Return all that a workflow may name."""
        from engine.validation.check import Known

        shipped = SHIPPED / f"{workflow.name}.yaml"
        replaced = self._well_shaped(shipped) if shipped.exists() and shipped != path else None
        return Known(
            workflows={name: each for name, each in known.items() if name != workflow.name},
            lists=self.lists,
            roles=frozenset(self._roles),
            levels=tuple(self._levels),
            law=self.law.terms,
            shipped=replaced,
            law_extensions=self.law.extensions,
            law_unrolled=self.law.unrolled,
            campaigns=self._campaigns_named(workflow),
        )

    def _campaigns_named(self, workflow: Workflow) -> Mapping[str, frozenset[str]] | None:
        """Return the days of each campaign if a workflow names one at all: few do, and each is a file."""
        if not any(each.campaign for each in workflow.recurs.values()):
            return None
        from engine.campaigns.campaign_days import days_in

        return {name: days_in(source) for name, source in self._campaign_files.items()}

    @cached_property
    def _list_sources(self) -> Mapping[str, Source]:
        """Where each list stands."""
        return self._list_files

    def _together(self, name: str) -> tuple[Source, ...]:
        """Return the lists of a name in all folders."""
        paths = (folder / "lists" / f"{name}.yaml" for folder in self._folders)
        return tuple(path for path in paths if path.exists())

    @cached_property
    def _files(self) -> Mapping[str, Source]:
        """The file of each workflow."""
        return {path.stem: path for folder in self._folders for path in sorted(folder.glob("*.y*ml"))}

    @cached_property
    def _list_files(self) -> Mapping[str, Source]:
        """The file of each list."""
        return {path.stem: path for folder in self._folders for path in sorted((folder / "lists").glob("*.y*ml"))}

    @cached_property
    def _campaign_files(self) -> Mapping[str, Source]:
        """The file of each campaign."""
        found = (path for folder in self._folders for path in sorted((folder / "campaigns").glob("*.y*ml")))
        return {path.stem: path for path in found}

    @cached_property
    def _all_shipped(self) -> bool:
        """Whether no file of the user's stands in the book."""
        return all(
            isinstance(path, Path) and path.is_relative_to(SHIPPED)
            for path in (*self._files.values(), *self._list_files.values())
        )


def _list_problems(path: Source) -> tuple[Problem, ...]:
    """Return what is wrong with a list."""
    readers: Mapping[str, Callable[[Source, str], tuple[object, tuple[Problem, ...]]]] = {
        "law": law_in,
        "levels": levels_in,
        "roles": ledger_roles_in,
        "synonyms": wordings_in,
    }
    if path.stem == "headings":
        shipped = SHIPPED / "lists" / path.name
        # A house's file builds on the words of the shipped one.
        return heading_words_in((each, shown(each)) for each in dict.fromkeys((shipped, path)))[1]
    return readers.get(path.stem, choices_in)(path, shown(path))[1]


def _from_json(written: str) -> Workflow:
    """Return a stored version; its lists stand in it."""
    import json

    from engine.reading.declarations import parse_workflow

    plain: dict[str, Any] = json.loads(written)
    workflow, wrong = parse_workflow(plain, lists={})
    if workflow is None:
        raise InvalidWorkflowError([each.text for each in wrong])
    return workflow


def _same(written: str, plain: Mapping[str, object]) -> bool:
    """Say whether a stored version declares the same."""
    import json

    return bool(json.loads(written) == json.loads(json.dumps(plain)))


def _in_use(workflow: Workflow, where: Where) -> Problem:
    """Return the problem of a declaration that was changed under the same version."""
    return where.problem(
        ("version",),
        Text(
            f"version {workflow.version} is in use with other content;"
            f" write version: {workflow.version + 1} for the changed declaration",
            f"第 {workflow.version} 版已在使用，且内容不同；请将修改后的声明写为 version: {workflow.version + 1}",
        ),
    )
