"""How a schedule is said in each language: tables, so that no sentence is built in one language's order."""

from collections.abc import Mapping

from broadcaster.domain.schedule.wording.en import ENGLISH
from broadcaster.domain.schedule.wording.fr import FRENCH
from broadcaster.domain.schedule.wording.table import Wording
from broadcaster.domain.schedule.wording.vi import VIETNAMESE

WORDINGS: Mapping[str, Wording] = {"vi": VIETNAMESE, "en": ENGLISH, "fr": FRENCH}

__all__ = ["WORDINGS", "Wording"]
