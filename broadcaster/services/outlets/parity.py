"""What each outlet says of an announcement, against what stands."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy.orm import Session

from broadcaster.domain.parity import Says, Standing, says
from broadcaster.services.outlets import listen_again, mirrors, push_owing, told
from broadcaster.services.outlets.told import Happened
from broadcaster.store.tables import Announcement


@dataclass(frozen=True, slots=True)
class Parity:
    """Every outlet on its own; the page and its feeds are drawn from one place."""

    page: Says
    channels: Mapping[str, Says]
    """By the channel's id."""
    browsers: Mapping[Says, int]
    """How many browsers that asked to be told say what."""


def standing(session: Session, announcement: Announcement) -> Standing | None:
    """What every outlet is to say; None while nothing of it was ever approved."""
    approved = [it.revision for it in told.history(session, announcement) if it.what is not Happened.WITHDRAWN]
    return Standing(approved[-1], withdrawn=announcement.withdrawn_at is not None) if approved else None


def of(session: Session, announcement: Announcement) -> Parity | None:
    """What each outlet says; None while nothing of it was ever approved."""
    wanted = standing(session, announcement)
    if wanted is None:
        return None
    copies = mirrors.histories(session, announcement.id)
    pushed = push_owing.histories(session, announcement.id)
    return Parity(
        page=_page(session, announcement, wanted),
        channels={name: says(wanted, [mirrors.past(row) for row in rows]) for name, rows in copies.items()},
        browsers=Counter(says(wanted, [push_owing.past(row) for row in rows]) for rows in pushed.values()),
    )


def _page(session: Session, announcement: Announcement, wanted: Standing) -> Says:
    shown = listen_again.page_of(session, announcement)
    if shown is None:
        return Says.SILENT
    return Says.SAME if Standing(shown.revision, withdrawn=shown.withdrawn) == wanted else Says.OLDER
