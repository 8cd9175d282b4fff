"""Units, groups and loudspeakers as people choose among them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from broadcaster.domain.audience import Choice, ChoiceKind, resolve
from broadcaster.services.places import listeners
from broadcaster.store.places import speakers_in_service
from broadcaster.store.tables import Group, Speaker, Unit
from broadcaster.web.labels import PRETENDS, SPEAKER, Label, label
from broadcaster.web.shown.sight import Sight
from firmware_config.alarms import Alarm

REF = {"u": ChoiceKind.UNIT, "g": ChoiceKind.GROUP, "d": ChoiceKind.SPEAKER}
PREFIX = {kind: letter for letter, kind in REF.items()}


@dataclass(frozen=True, slots=True)
class Node:
    """A unit or loudspeaker with a box to tick."""

    ref: str
    name: str
    speakers: int
    below: tuple["Node", ...] = ()
    open: bool = False
    at: str = ""
    """Where it hangs, as "latitude,longitude"; a village's own loudspeaker stands for it."""

    @property
    def mapped(self) -> bool:
        """Whether there is anything to be shown on a map."""
        return bool(self.at) or any(each.mapped for each in self.below)


@dataclass(frozen=True, slots=True)
class Reach:
    """How many villages, loudspeakers and people an audience comes to."""

    villages: int
    speakers: int
    people: int | None
    """None where no unit says how many live there."""

    @property
    def about(self) -> int:
        """The people in two figures: nobody counts them every day."""
        people = self.people or 0
        return round(people, 2 - len(str(people)))


@dataclass(frozen=True, slots=True)
class Connected:
    """How many loudspeakers are connected now, of how many."""

    online: int
    total: int


@dataclass(frozen=True, slots=True)
class Item:
    """One loudspeaker in the list."""

    id: str
    name: str
    unit: str
    state: Label
    seen: datetime | None
    alarms: tuple[Alarm, ...]
    """What is wrong with it, the heaviest first."""
    pretends: bool = False
    """It is a browser, with a page of its own."""


def ref_of(choice: Choice) -> str:
    """How a choice is written in forms: "u:<unit>"."""
    return f"{PREFIX[choice.kind]}:{choice.ref}"


def choice_of(ref: str, *, include: bool = True) -> Choice | None:
    """The choice a form's value names; None for what no form of ours sends."""
    letter, _, name = ref.partition(":")
    return Choice(REF[letter], name, include) if letter in REF and name else None


def reach(session: Session, seen: Sight, choices: Iterable[Choice]) -> Reach:
    """What an audience comes to now."""
    pretended = set(session.scalars(select(Speaker.id).where(Speaker.pretend)))
    real = (place for place in speakers_in_service(session) if place.speaker not in pretended)
    known = [place for place in real if place.unit in seen.tree.parents]
    wanted = [choice for choice in choices if _exists(seen, choice)]
    heard = resolve(wanted, seen.tree, known)
    return Reach(len({seen.home(place.unit) for place in heard}), len(heard), listeners.people(session, wanted, heard))


def _exists(seen: Sight, choice: Choice) -> bool:
    return choice.kind is not ChoiceKind.UNIT or choice.ref in seen.tree.parents


def forest(session: Session, seen: Sight, ticked: frozenset[str]) -> tuple[Node, ...]:
    """The units within sight as a tree; a village's loudspeakers are leaves where it has more than one."""
    order = session.scalars(select(Unit.id).order_by(Unit.position, Unit.name)).all()
    shown = [unit for unit in order if unit in seen.units and unit not in seen.closed]
    below: dict[str | None, list[str]] = {}
    for unit in shown:
        below.setdefault(seen.parent(unit), []).append(unit)
    speakers: dict[str | None, list[Node]] = {}
    for speaker in session.execute(
        select(Speaker.id, Speaker.name, Speaker.unit_id, Speaker.pretend, Speaker.latitude, Speaker.longitude)
        .where(Speaker.revoked_at.is_(None))
        .order_by(Speaker.name)
    ):
        at = "" if speaker.latitude is None else f"{speaker.latitude},{speaker.longitude}"
        leaf = Node(f"d:{speaker.id}", speaker.name, 0 if speaker.pretend else 1, at=at)
        speakers.setdefault(seen.home(speaker.unit_id), []).append(leaf)

    def node(unit: str) -> Node:
        inner = tuple(node(each) for each in below.get(unit, []))
        own = speakers.get(unit, [])
        count = sum(each.speakers for each in (*inner, *own))
        # One that only pretends is never meant by its village's name.
        several = len(own) > 1 or inner or any(leaf.speakers == 0 for leaf in own)
        children = inner + (tuple(own) if several else ())
        at = own[0].at if own and not several else ""
        return Node(f"u:{unit}", seen.names[unit], count, children, _some_open(children, ticked), at)

    return tuple(node(unit) for unit in below.get(None, []))


def _some_open(children: Iterable[Node], ticked: frozenset[str]) -> bool:
    return any(child.open or child.ref in ticked for child in children)


def covered(nodes: Iterable[Node], ticked: frozenset[str]) -> frozenset[str]:
    """The topmost ticked boxes: what is under a ticked one needs no choice of its own."""
    kept: set[str] = set()
    for node in nodes:
        kept |= {node.ref} if node.ref in ticked else covered(node.below, ticked)
    return frozenset(kept)


def groups(session: Session, seen: Sight) -> list[tuple[str, str]]:
    """The groups of these units, as (ref, name)."""
    rows = session.execute(select(Group.id, Group.name).where(Group.unit_id.in_(seen.units)).order_by(Group.name))
    return [(f"g:{row.id}", row.name) for row in rows]


def choice_names(session: Session, seen: Sight, choices: Iterable[Choice]) -> list[str]:
    """What each choice is called, in the order given; an exception is marked with a minus."""
    named = {ChoiceKind.UNIT: seen.names}
    named[ChoiceKind.GROUP] = {row.id: row.name for row in session.execute(select(Group.id, Group.name))}
    named[ChoiceKind.SPEAKER] = {row.id: row.name for row in session.execute(select(Speaker.id, Speaker.name))}
    return [("" if it.include else "− ") + named[it.kind].get(it.ref, it.ref) for it in choices]


def speaker_state(speaker: Speaker) -> str:
    """One word for how a loudspeaker is."""
    if speaker.revoked_at:
        return "revoked"
    if speaker.last_seen_at is None and speaker.presence_at is None:
        return "new"
    return "online" if speaker.online else "offline"


def item(speaker: Speaker, seen: Sight, alarms: tuple[Alarm, ...]) -> Item:
    """One line of the list."""
    unit = seen.names_of(speaker.unit_id)
    pretends = speaker.pretend and speaker.revoked_at is None
    state = PRETENDS if pretends else label(SPEAKER, speaker_state(speaker))
    seen_at = speaker.last_seen_at or speaker.presence_at
    return Item(speaker.id, speaker.name, unit, state, seen_at, alarms, pretends)


def connected(session: Session, seen: Sight) -> Connected:
    """How many of the loudspeakers in service are connected."""
    in_service = (Speaker.unit_id.in_(seen.units), Speaker.revoked_at.is_(None), Speaker.pretend.is_(False))
    query = select(Speaker.online, func.count()).where(*in_service)
    counts = {row[0]: row[1] for row in session.execute(query.group_by(Speaker.online))}
    return Connected(counts.get(True, 0), sum(counts.values()))
