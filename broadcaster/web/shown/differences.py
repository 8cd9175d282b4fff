"""What changed since the words were last before the approvers."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from broadcaster.domain.audience import Choice, ChoiceKind
from broadcaster.domain.differences import Piece, changed, words
from broadcaster.services.writing import submissions
from broadcaster.services.writing.contents import content_of
from broadcaster.store.tables import Announcement, Approval, Submission
from broadcaster.web import i18n
from broadcaster.web.labels import CATEGORY, KLASS, N_
from broadcaster.web.shown.places import choice_names
from broadcaster.web.shown.sight import Sight

TITLE, SUBJECT, CLASS = N_("Title"), N_("Subject"), N_("Class")
TIMES, EXPIRES, WHERE = N_("How many times in a row"), N_("Valid until"), N_("Where it is heard")


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing beside the words that is not what it was; both sides are ready to be read."""

    name: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Changes:
    """Compared with `revision`, submitted at `at`."""

    revision: int
    at: datetime
    facts: tuple[Fact, ...] = ()
    words: Mapping[str, tuple[Piece, ...]] = field(default_factory=dict)
    """By language, where the text changed."""
    sound: frozenset[str] = frozenset()
    """Languages whose text is the same and whose sound is another."""
    new: frozenset[str] = frozenset()
    gone: tuple[str, ...] = ()
    """Languages that are heard no more."""
    sent_back: str = ""
    """Why the approvers sent it back, and who did."""
    sent_back_by: str = ""

    @property
    def none(self) -> bool:
        """Whether it is what it was."""
        return not (self.facts or self.words or self.sound or self.new or self.gone)


def changes_of(session: Session, seen: Sight, row: Announcement, language: str) -> Changes | None:
    """The present words beside those last submitted; None where they are the first."""
    kept = submissions.before(session, row)
    if kept is None:
        return None
    was, now = kept.content, content_of(row)
    old = {version[0]: version for version in was["versions"]}
    new = {version.language: version for version in now.versions}
    both = old.keys() & new.keys()
    compared = {tag: words(old[tag][1], new[tag].text) for tag in both}
    rejection = _rejection(session, kept)
    return Changes(
        kept.revision,
        kept.submitted_at,
        tuple(_facts(session, seen, was, row, language)),
        {tag: pieces for tag, pieces in compared.items() if changed(pieces)},
        frozenset(tag for tag in both if old[tag][1] == new[tag].text and old[tag][2] != new[tag].clip),
        frozenset(new.keys() - old.keys()),
        tuple(tag for tag in old if tag not in new),
        rejection.reason if rejection else "",
        rejection.person_name if rejection else "",
    )


def _rejection(session: Session, kept: Submission) -> Approval | None:
    same = (Approval.announcement_id == kept.announcement_id, Approval.revision == kept.revision)
    query = select(Approval).where(*same, Approval.approved.is_(False)).order_by(Approval.at.desc())
    return session.scalars(query).first()


def _facts(session: Session, seen: Sight, was: Mapping[str, Any], row: Announcement, language: str) -> Iterable[Fact]:
    def told(table: Mapping[str, str], key: str) -> str:
        return i18n.say(language, table.get(key, key))

    def until(at: datetime | None) -> str:
        return i18n.moment(language, at) if at else "–"

    before = datetime.fromisoformat(was["expires"]) if was["expires"] else None
    old_places = [Choice(ChoiceKind(kind), ref, include) for kind, ref, include in was["audience"]]
    new_places = [Choice(ChoiceKind(each.kind), each.ref, each.include) for each in row.audience]
    klass = {key: each.text for key, each in KLASS.items()}
    sides = (
        (TITLE, was["title"], row.title),
        (CLASS, told(klass, was["class"]), told(klass, row.klass)),
        (SUBJECT, told(CATEGORY, was["category"]), told(CATEGORY, row.category)),
        (TIMES, str(was["repeat"]), str(row.repeat)),
        (EXPIRES, until(before), until(row.expires)),
        (WHERE, _places(session, seen, old_places), _places(session, seen, new_places)),
    )
    return (Fact(name, old, new) for name, old, new in sides if old != new)


def _places(session: Session, seen: Sight, choices: list[Choice]) -> str:
    return ", ".join(sorted(choice_names(session, seen, choices)))
