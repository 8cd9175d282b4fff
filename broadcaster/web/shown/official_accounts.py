"""Official Accounts as people tend them: how each stands, and which village each of its groups may be of."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from broadcaster.domain.zalo_groups import match
from broadcaster.domain.zalo_tokens import Alarm, alarm
from broadcaster.services.outlets import official_accounts
from broadcaster.services.outlets.official_accounts import ZaloGroup
from broadcaster.services.outlets.official_tokens import held, unreadable
from broadcaster.store.tables import Channel, OfficialAccount
from broadcaster.web.labels import N_, Label
from broadcaster.web.shown.channels import tended
from broadcaster.web.shown.sight import Sight

AT_ONCE = 50
READY = Label(N_("Posts into its groups"), "check", "ok")
STATE = {
    Alarm.NEVER_AGREED: Label(N_("Somebody must agree at Zalo first"), "ring", "wait"),
    Alarm.AGREE_AGAIN: Label(N_("Somebody must agree at Zalo again"), "warning", "bad"),
    Alarm.ZALO_SILENT: Label(N_("Zalo does not renew the token"), "warning", "bad"),
}

# What the channels of Zalo call themselves and their settings, and what they answer.
CHANNEL = (
    N_("Zalo group (Official Account)"),
    N_("Official Account, by its id here"),
    N_("Address of Zalo's interface"),
    N_("The group “%(group)s” is switched off at Zalo."),
    N_("Zalo takes our token and knows the group “%(group)s”."),
    N_("Zalo does not let us post: %(detail)s (%(code)s)."),
    N_("Zalo takes our token, but “%(name)s” is not verified."),
    N_("Zalo takes our token: “%(name)s”, package %(package)s until %(until)s."),
    N_("The bot %(bot)s answers and may join groups. Now find its group."),
    N_(
        "The bot %(bot)s answers, but Zalo does not let it join groups yet. Zalo decides which bots may: ask for it in "
        "Zalo Bot Creator, or use an Official Account or the share pack until then."
    ),
)


@dataclass(frozen=True, slots=True)
class Shown:
    """One account."""

    id: str
    name: str
    unit: str
    state: Label
    trouble: str
    """In Zalo's words."""
    unreadable: bool
    """Its secrets must be entered again."""
    until: datetime | None
    renewed: datetime | None
    groups: int
    """How many of its groups are channels."""


@dataclass(frozen=True, slots=True)
class GroupRow:
    """One group of an account: of which village it is, or may be."""

    group: ZaloGroup
    unit: str
    """The unit whose channel it is, or that its name fits; empty = a person must say."""
    unit_name: str
    channel: str
    """The channel it is already."""


def shown(session: Session, row: OfficialAccount, seen: Sight, *, now: datetime) -> Shown:
    """One account as it stands."""
    warned = alarm(held(row), now)
    return Shown(
        row.id,
        row.name,
        seen.names_of(row.unit_id),
        STATE[warned] if warned else READY,
        row.trouble,
        unreadable(row),
        row.access_until,
        row.refreshed_at,
        len(official_accounts.channels_of(session, row.id)),
    )


def every(session: Session, seen: Sight, *, now: datetime) -> list[Shown]:
    """The accounts of the units within sight, by name."""
    return [shown(session, row, seen, now=now) for row in official_accounts.of_units(session, seen.units)]


def ailing(session: Session, seen: Sight, *, now: datetime) -> list[Shown]:
    """Those that need somebody who may do something about it."""
    mine = tended(seen)
    rows = official_accounts.of_units(session, mine) if mine else ()
    return [shown(session, row, seen, now=now) for row in rows if alarm(held(row), now)]


def matched(
    groups: Sequence[ZaloGroup], known: Mapping[str, Channel], units: Sequence[str], seen: Sight
) -> list[GroupRow]:
    """Each group with its village; those that nobody has placed yet come first."""
    rows = [_row(group, known.get(group.id), units, seen) for group in groups]
    return sorted(rows, key=lambda row: (bool(row.channel), not row.unit, row.group.name))


def units_for(row: OfficialAccount, seen: Sight) -> list[str]:
    """The open units that groups of an account may belong to: its own and those under it."""
    return [unit for unit, _ in seen.walk() if row.unit_id in seen.tree.path(unit)]


def _row(group: ZaloGroup, channel: Channel | None, units: Sequence[str], seen: Sight) -> GroupRow:
    unit = channel.unit_id if channel else match(group.name, seen.names, seen.tree, units) or ""
    return GroupRow(group, unit, seen.names_of(unit) if unit else "", channel.id if channel else "")
