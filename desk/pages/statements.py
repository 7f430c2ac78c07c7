"""Statements of a campaign that were frozen: listed with their codes and checkpoints, kept as files, and frozen anew."""

import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from tempfile import mkdtemp
from typing import Final

from desk.answers import Answer, FileToKeep, GoTo, PageShown
from desk.jobs import Job
from desk.made_files import MadeFile
from desk.pages.zero_asked import campaign_asked, zero_address
from desk.visit import Visit
from engine.campaigns.campaign import VERDICT_TITLES, Campaign
from engine.errors import BadValueError, NotFoundError, QinglingError, RefusedError
from engine.journal.chain import HOUSE
from engine.language import Text
from engine.operations.house.checkpoints import covering, make_checkpoint
from engine.operations.house.directory import units
from engine.operations.identity.logging_in import refuse_wrong_password
from engine.operations.ledger.need_to_know import refuse_unless_may
from engine.operations.zero.frozen import Frozen, changed_since, freeze, frozen, returned_since
from engine.operations.zero.verdict import Statement
from engine.rules.reading_rights import Deed
from engine.working_days.loose_dates import day_meant
from presentation.case_view import when
