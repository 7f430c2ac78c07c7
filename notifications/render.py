"""A promised row becomes a message; a template that asks for what is not there is found before.

One folder per kind and language: `<kind>/<lang>/subject.txt`, `body.txt` and, if the mail is
to have one, `body.html`. A folder of the user's own comes first and may replace any single file.
"""

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from engine.errors import BadFileError, BadValueError, RefusedError, system_reason
from engine.language import LANGUAGES, Language, Text
from notifications.briefs import brief_of, link_of, without_names
from notifications.messages import Attachment, ChangeNotice, Message, OutboxMessage, message_id_of
from notifications.payloads import KINDS, payload_problems
from notifications.views import Levels, names_of, view_of

if TYPE_CHECKING:
    from jinja2 import Template, TemplateError

    from engine.expressions.templates import TemplateSandbox

SHIPPED = Path(__file__).parent / "templates"


class Templates:
    """The shipped templates, with the user's own files before them."""

    def __init__(
        self, own: Path | None = None, *, levels: Levels, mark: Text | None = None, desk: str | None = None
    ) -> None:
        """Look in *own* first, file by file.

        Args:
            own: The user's own folder.
            levels: The declared levels of reminding, which say how an entry of a digest is called and marked.
            mark: What begins every message whatever its template says, as that the ledger is for rehearsal.
            desk: The address of the desk, to which messages link; None if there is none.

        Raises:
            BadFileError: *own* is not a folder.
        """
        if own is not None and not own.is_dir():
            sentence = Text("{own}: no such folder of templates", "{own}：没有这个模板文件夹")
            raise BadFileError(sentence.format(own=own))
        self._mark = mark
        self._desk = desk
        self._folders = (SHIPPED,) if own is None else (own, SHIPPED)
        self._levels = levels
        self._sound: set[tuple[str, Language]] = set()

    def placeholders(self, kind: str, language: Language) -> frozenset[str]:
        """Return the names that the templates of *kind* ask for.

        Raises:
            BadFileError: A template is missing, cannot be read or is not sound.
        """
        names = [self._names_in(name) for name in self._files(kind, language)]
        return frozenset().union(*names)

    def problems(self) -> tuple[Text, ...]:
        """Return everything wrong with any template of any kind and language."""
        found = []
        for kind in KINDS:
            for language in LANGUAGES:
                try:
                    self._check(kind, language)
                except BadFileError as error:
                    found.append(error.sentence)
        return tuple(found)

    def render(self, row: OutboxMessage, attachments: Sequence[Attachment] = ()) -> Message:
        """Return *row* as a message.

        Raises:
            RefusedError: The payload carries what may not leave the house, or lacks what it needs.
            BadFileError: A template is missing, not sound or asks for what the kind does not carry.
        """
        problems = payload_problems(row.kind, row.payload)
        if problems:
            sentence = Text("message {key} cannot be sent", "消息 {key} 不能发送").format(key=row.key)
            raise RefusedError(sentence, problems)
        self._check(row.kind, row.language)
        link = link_of(self._desk, row)
        view = {**view_of(row, self._levels), "link": link}
        said = {Path(name).name: self._said(name, view) for name in self._files(row.kind, row.language)}
        subject = " ".join(said["subject.txt"].split())
        if not subject:
            where = f"{row.kind}/{row.language}/subject.txt"
            raise BadFileError(Text("{where}: the subject is empty", "{where}：标题为空").format(where=where))
        brief = self._brief(row)
        text, html = said["body.txt"].strip() + "\n", said.get("body.html")
        if self._mark is not None:
            mark = self._mark.en if row.language == "en" else self._mark.zh
            subject, text = f"[{mark}] {subject}", f"{mark}\n\n{text}"
            brief = f"[{mark}] {brief}"
            html = None if html is None else f"<p><strong>{mark}</strong></p>\n{html}"
        return Message(
            key=row.key,
            message_id=message_id_of(row.key),
            to=row.recipient.name,
            language=row.language,
            subject=subject,
            text=text,
            html=html,
            attachments=tuple(attachments),
            brief=brief,
            link=link,
            change=None if row.kind != "change" else self._change(row),
        )

    def _brief(self, row: OutboxMessage) -> str:
        """Return what a service outside the house may carry of *row*."""
        bare = without_names(row)
        view = view_of(bare, self._levels)
        subject = self._said(f"{row.kind}/{row.language}/subject.txt", view)
        return brief_of(" ".join(subject.split()), view, row.created_at, row.language)

    def _change(self, row: OutboxMessage) -> ChangeNotice:
        """Return what a program hears of."""
        said = row.payload
        return ChangeNotice(
            number=str(said["number"]),
            trigger=str(said["trigger"]),
            revision=int(str(said["revision"])),
            at=str(said["at"]),
            rehearsal=self._mark is not None,
        )

    def _check(self, kind: str, language: Language) -> None:
        """Refuse templates that ask for what the kind does not carry; each is read once."""
        if (kind, language) in self._sound:
            return
        for name in self._files(kind, language):
            missing = sorted(self._names_in(name) - names_of(kind))
            if missing:
                sentence = Text(
                    "{path}: asks for {names}, which a {kind} does not carry; it carries {carried}",
                    "{path}：用到了 {names}，而 {kind} 类消息不含；可用的有 {carried}",
                )
                raise BadFileError(
                    sentence.format(
                        path=self._path(name),
                        names=", ".join(missing),
                        kind=kind,
                        carried=", ".join(sorted(names_of(kind))),
                    )
                )
        self._sound.add((kind, language))

    def _files(self, kind: str, language: Language) -> tuple[str, ...]:
        """Return the names of the templates of *kind*; the HTML only where it exists."""
        if kind not in KINDS:
            kinds = ", ".join(KINDS)
            sentence = Text("no such kind of message; there are {kinds}", "没有这种消息；可用：{kinds}")
            raise BadValueError(sentence.format(kinds=kinds))
        html = f"{kind}/{language}/body.html"
        names = [f"{kind}/{language}/subject.txt", f"{kind}/{language}/body.txt"]
        if any((folder / html).exists() for folder in self._folders):
            names.append(html)
        return tuple(names)

    def _names_in(self, name: str) -> frozenset[str]:
        """Return the names that one template and those it refers to ask for."""
        from jinja2 import TemplateError, meta

        known, open_names, asked = set[str](), [name], set[str]()
        while open_names:
            current = open_names.pop()
            known.add(current)
            try:
                tree = self._environment.parse(self._source(current), name=current)
                asked |= meta.find_undeclared_variables(tree)
            except (TemplateError, RecursionError) as error:
                raise self._unsound(current, error) from error
            referred = [found for found in meta.find_referenced_templates(tree) if found]
            open_names += [found for found in referred if found not in known]
        return frozenset(asked)

    def _source(self, name: str) -> str:
        """Return the text of a template."""
        path = self._path(name)
        try:
            return path.read_text(encoding="utf-8")
        except FileNotFoundError:
            sentence = Text("{path}: no such template", "{path}：没有这个模板")
            raise BadFileError(sentence.format(path=path)) from None
        except UnicodeDecodeError:
            sentence = Text("{path}: not UTF-8; save it as UTF-8", "{path}：不是 UTF-8 编码；请另存为 UTF-8")
            raise BadFileError(sentence.format(path=path)) from None
        except OSError as error:
            sentence = Text("{path}: cannot be read ({why})", "{path}：无法读取（{why}）")
            raise BadFileError(sentence.format(path=path, why=system_reason(error))) from None

    def _path(self, name: str) -> Path:
        """Return where the template *name* lies; the user's own comes first."""
        candidates = [folder / name for folder in self._folders]
        return next((path for path in candidates if path.exists()), candidates[-1])

    def _said(self, name: str, view: dict[str, object]) -> str:
        """Return one template with *view* set in."""
        from jinja2 import TemplateError

        from engine.expressions.templates import bounded_turns

        try:
            template: Template = self._environment.get_template(name)
            with bounded_turns():
                return template.render(view)
        except TemplateError as error:
            raise self._unsound(name, error) from error
        except (
            TypeError,
            ValueError,
            ArithmeticError,
            LookupError,
            AttributeError,
            RecursionError,
            MemoryError,
        ) as error:
            # A template can do what Python can do wrong: add a text to a number, include itself.
            raise self._unsound(name, error) from error

    def _unsound(self, name: str, error: "TemplateError | Exception") -> BadFileError:
        """Return the refusal that names the template, the line if known, and the fault."""
        from jinja2 import TemplateError

        found = error if isinstance(error, TemplateError) else None  # other errors have a `name` of their own
        line = getattr(found, "lineno", None)
        where = f"{self._path(getattr(found, 'name', None) or name)}" + (f":{line}" if line else "")
        plain = " ".join(str(error).split())[:200] or type(error).__name__
        why: Text = getattr(error, "sentence", Text(plain, plain))
        return BadFileError(
            Text("{where}: the template is not sound: {why}", "{where}：模板有误：{why}").format(where=where, why=why)
        )

    @cached_property
    def _environment(self) -> "TemplateSandbox":
        """Return the sandbox: strict about names, bounded in what it makes, escaping in HTML only."""
        from jinja2 import FileSystemLoader, StrictUndefined, select_autoescape

        from engine.expressions.templates import TemplateSandbox

        return TemplateSandbox(
            loader=FileSystemLoader([str(folder) for folder in self._folders]),
            undefined=StrictUndefined,
            autoescape=select_autoescape(["html"], default=False),
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
        )
