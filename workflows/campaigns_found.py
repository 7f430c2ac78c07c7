"""Where campaigns are found: the shipped folder, then the house's own, which may replace files by name."""

from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import Final

from engine.campaigns.campaign import Campaign
from engine.campaigns.campaign_file import CampaignContext, ListedCampaign, campaign_in, listed_in, measures_in
from engine.campaigns.measures import Measures
from engine.errors import InvalidWorkflowError, NotFoundError
from engine.language import Text
from engine.workflow.called import called, near
from engine.workflow.model import Workflow
from engine.workflow.texts import Source, TextKind
from workflows.adopted_book import Adopted, adopted_sources

SHIPPED: Final = Path(__file__).resolve().parent / "campaigns"


class Campaigns:
    """The shipped campaigns and the house's own, which may replace them by name."""

    def __init__(
        self,
        folders: Sequence[Path] = (),
        *,
        workflow: Callable[[str], Workflow],
        units: Callable[[], Collection[str]] | None = None,
    ) -> None:
        """Open them.

        Args:
            folders: The house's own folders of campaigns; a later one goes before.
            workflow: Gives a declaration by name, to check what campaigns name of it.
            units: Gives the codes of all units, to check those that campaigns name; None: they are not checked.
        """
        self._folders = (SHIPPED, *(each for each in folders if each.is_dir()))
        self._around = CampaignContext(workflow=workflow, measures=self._measures, units=units)

    def listed(self) -> tuple[ListedCampaign, ...]:
        """Return all campaigns, by name.

        Raises:
            InvalidWorkflowError: If a file cannot be read.
        """
        return tuple(listed_in(path) for _, path in sorted(self._files().items()))

    def campaign(self, name: str, *, year: int | None = None) -> Campaign:
        """Return a campaign, its year filled in.

        Raises:
            NotFoundError: If none has that name or title.
            BadValueError: If several have it in their titles, or it takes a year and none was given, or takes none
                and one was.
            InvalidWorkflowError: If its file is not sound; every problem is named.
        """
        files = self._files()
        path = files.get(name)
        if path is None:
            titles = {each.name: without_year(each.title) for each in self.listed()}
            found = called(name, titles)
            if found is not None:
                return campaign_in(files[found], year, self._around)
            guess = near(name, titles)
            names = ", ".join(sorted(files))
            said = "、".join(each.zh for each in titles.values())
            raise NotFoundError(
                Text(
                    f"no campaign is called '{name}'{guess.en}; there are: {names}",
                    f"没有名为“{name}”的专项行动{guess.zh}；可用：{said}",
                )
            )
        return campaign_in(path, year, self._around)

    def measures_of(self, workflow: str) -> Measures:
        """Return the measures of a workflow: those that are called as it is; none without such a file.

        Raises:
            NotFoundError: If there is no such workflow.
            InvalidWorkflowError: If the file is not sound; every problem is named.
        """
        path = self._measures(workflow)
        if path is None:
            return Measures()
        measures, problems = measures_in(path, workflow, self._around.workflow(workflow))
        if problems:
            raise InvalidWorkflowError([each.text for each in problems])
        return measures

    def _files(self) -> Mapping[str, Source]:
        """Return where each campaign stands."""
        return {path.stem: path for folder in self._folders for path in sorted(folder.glob("*.y*ml"))}

    def _measures(self, name: str) -> Source | None:
        """Return the file of measures of that name."""
        found = [path for folder in self._folders if (path := folder / "measures" / f"{name}.yaml").exists()]
        return found[-1] if found else None


def without_year(title: Text) -> Text:
    """Return the title of a campaign that takes a year, as it is called whatever the year."""
    return Text(title.en.replace("{year}", "").strip(), title.zh.replace("{year}年度", "年度").replace("{year}年", ""))


class AdoptedCampaigns(Campaigns):
    """The campaigns that a ledger has adopted."""

    def __init__(
        self,
        texts: Adopted,
        *,
        workflow: Callable[[str], Workflow],
        units: Callable[[], Collection[str]] | None = None,
    ) -> None:
        """Open them.

        Args:
            texts: What the ledger has adopted.
            workflow: As for `Campaigns`.
            units: As for `Campaigns`.
        """
        super().__init__(workflow=workflow, units=units)
        self._texts = texts

    def _files(self) -> Mapping[str, Source]:
        """Return each campaign as it was adopted."""
        return adopted_sources(self._texts, TextKind.CAMPAIGN)

    def _measures(self, name: str) -> Source | None:
        """Return the measures of that name as they were adopted."""
        return adopted_sources(self._texts, TextKind.MEASURES).get(name)
