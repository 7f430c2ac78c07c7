"""Measures of a workflow: rates with what they are split by, and how long stages take; read by `campaign_file`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from engine.campaigns.campaign import Condition, Rate, Requirement
from engine.campaigns.forecast_declared import ForecastDeclared
from engine.language import Text

UNIT: Final = "unit"
"""What a measure may be split by besides fields: the unit that answers for the case."""
Dimensions = tuple[str, ...]
"""Fields, or `unit`, whose values are crossed with one another; none: everything together."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Moment:
    """When a stage begins or ends: a state is entered, or a day stands in a field."""

    states: frozenset[str] = frozenset()
    field: str | None = None
    """A date field; then there are no states."""


@dataclass(frozen=True, kw_only=True, slots=True)
class StageTime:
    """How many days a stage takes."""

    name: str
    title: Text
    start: Moment
    end: Moment
    splits: tuple[Dimensions, ...] = ()
    basis: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Total:
    """A number that is added up over cases, or how many they are."""

    name: str
    title: Text
    definition: Text
    adds: str | None = None
    """A number field; None: the cases themselves are counted."""
    of: Condition
    """Which cases."""
    splits: tuple[Dimensions, ...] = ()
    basis: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Measures:
    """What campaigns and reports of one workflow share."""

    complete: tuple[Requirement, ...] = ()
    follow_up: frozenset[str] = frozenset()
    rates: tuple[Rate, ...] = ()
    splits: Mapping[str, tuple[Dimensions, ...]] = field(default_factory=lambda: MappingProxyType({}))
    """By the name of a rate."""
    times: tuple[StageTime, ...] = ()
    sums: tuple[Total, ...] = ()
    assessment: tuple[str, ...] = ()
    """Figures by which units are assessed (考核): those of reports, rates and times, by name."""
    forecast: ForecastDeclared | None = None
    """What forecasts of campaigns take from it."""
