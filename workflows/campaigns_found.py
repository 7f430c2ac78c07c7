"""Where campaigns are found: the shipped folder, then the house's own, which may replace files by name."""

from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import Final

from engine.campaigns.campaign import Campaign
from engine.campaigns.campaign_file import CampaignContext, ListedCampaign, campaign_in, listed_in
from engine.errors import NotFoundError
from engine.language import Text
from engine.workflow.model import Workflow
from engine.workflow.problems import did_you_mean

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
            NotFoundError: If there is none of that name.
            BadValueError: If it takes a year and none was given, or takes none and one was.
            InvalidWorkflowError: If its file is not sound; every problem is named.
        """
        path = self._files().get(name)
        if path is None:
            near = did_you_mean(name, self._files())
            names = ", ".join(sorted(self._files()))
            raise NotFoundError(
                Text(
                    f"no campaign is called '{name}'{near.en}; there are: {names}",
                    f"没有名为“{name}”的专项行动{near.zh}；可用：{names}",
                )
            )
        return campaign_in(path, year, self._around)

    def _files(self) -> dict[str, Path]:
        """Return the file of each campaign."""
        return {path.stem: path for folder in self._folders for path in sorted(folder.glob("*.y*ml"))}

    def _measures(self, name: str) -> Path | None:
        """Return the file of measures of that name."""
        found = [path for folder in self._folders if (path := folder / "measures" / f"{name}.yaml").exists()]
        return found[-1] if found else None
