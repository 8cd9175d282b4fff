"""The voice bank: what is to be recorded in a language, what is accepted, and sentences put together of it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from audio import bank
from audio.bank import Missing, Need, PieceKind
from audio.errors import SlotUnfilled as Unfilled
from audio.score import Score
from broadcaster.domain import languages
from broadcaster.domain.errors import (
    AlreadyExists,
    Malformed,
    NotAllowed,
    NotFound,
    PatternWrong,
    PiecesMissing,
    SlotUnfilled,
)
from broadcaster.domain.permissions import Action, units_of
from broadcaster.domain.starting_phrases import PATTERNS, PHRASES, meaning, parts, values
from broadcaster.domain.words import line, prose
from broadcaster.services import audit
from broadcaster.services.actor import SYSTEM, Actor
from broadcaster.services.ids import new_id
from broadcaster.store.tables import Pattern, Phrase, Take, Unit
from firmware_config.protocol import valid_id

LONGEST = 500
MOST_PARTS = 30
NAMED_AT_ONCE = 12
_KIND_ORDER = {kind: place for place, kind in enumerate(PieceKind)}
_PHRASE_ORDER = {key: place for place, key in enumerate(PHRASES)}
_PATTERN_ORDER = {key: place for place, key in enumerate(PATTERNS)}


def start(session: Session, actor: Actor, tag: str, *, now: datetime) -> int:
    """Put the usual phrases, values, villages and sentences on a language's list; say how many pieces were new.

    What is there already stays as it is, so it may be called again when villages were added. Raises
    UnknownLanguage, NotAllowed.
    """
    language = _kept(actor, tag)
    villages = session.execute(select(Unit.id, Unit.name).where(Unit.closed_at.is_(None), ~_has_below())).all()
    wanted = [("phrase", key, text) for key, text in PHRASES.items()]
    wanted += [*values(), *(("place", row.id, row.name) for row in villages)]
    known = {(row.kind, row.key) for row in phrases(session, language)}
    fresh = [(kind, key, text) for kind, key, text in wanted if (kind, key) not in known]
    session.add_all(_phrase(language, kind, key, text, now=now) for kind, key, text in fresh)
    have = {row.key for row in patterns(session, language)}
    for key, (title, order) in PATTERNS.items():
        if key not in have:
            session.add(_pattern(actor, language, key, title, parts(order), now=now))
    session.flush()
    _note(session, actor, "start", language, now, pieces=len(fresh))
    return len(fresh)


def add_phrase(
    session: Session, actor: Actor, tag: str, *, key: str, meaning: str, now: datetime, text: str = ""
) -> Phrase:
    """One more phrase to be recorded. Raises UnknownLanguage, NotAllowed, Malformed, AlreadyExists."""
    language = _kept(actor, tag)
    _check_key(key)
    if not line(meaning) or len(meaning) > LONGEST or len(text) > LONGEST:
        raise Malformed(field="meaning", problem=f"1–{LONGEST}")
    if any(row.kind == PieceKind.PHRASE and row.key == key for row in phrases(session, language)):
        raise AlreadyExists(id=key)
    made = _phrase(language, PieceKind.PHRASE, key, line(meaning), now=now, text=prose(text))
    session.add(made)
    session.flush()
    _note(session, actor, "add_phrase", language, now, name=made.meaning)
    return made


def add_pattern(
    session: Session,
    actor: Actor,
    tag: str,
    *,
    key: str,
    meaning: str,
    parts: Sequence[Mapping[str, str]],
    now: datetime,
) -> Pattern:
    """One more sentence, of phrases the language has. Raises as `add_phrase`, and PatternWrong."""
    language = _kept(actor, tag)
    _check_key(key)
    if not line(meaning) or len(meaning) > LONGEST:
        raise Malformed(field="meaning", problem=f"1–{LONGEST}")
    if any(row.key == key for row in patterns(session, language)):
        raise AlreadyExists(id=key)
    _check_parts(session, language, parts)
    made = _pattern(actor, language, key, line(meaning), [dict(part) for part in parts], now=now)
    session.add(made)
    session.flush()
    _note(session, actor, "add_pattern", language, now, name=made.meaning)
    return made


def phrases(session: Session, language: str) -> list[Phrase]:
    """All pieces of a language: phrases first, those of the beginning before others, then values as they count."""
    return sorted(session.scalars(select(Phrase).where(Phrase.language == language)), key=_place_of_phrase)


def patterns(session: Session, language: str) -> list[Pattern]:
    """All sentences of a language, those of the beginning before others."""
    found = session.scalars(select(Pattern).where(Pattern.language == language).order_by(Pattern.id))
    return sorted(found, key=lambda row: _PATTERN_ORDER.get(row.key, len(_PATTERN_ORDER)))


def pattern(session: Session, tag: str, key: str) -> Pattern:
    """One sentence. Raises UnknownLanguage, NotFound."""
    language = languages.require(tag).tag
    found = session.scalars(select(Pattern).where(Pattern.language == language, Pattern.key == key)).first()
    if found is None:
        raise NotFound(what="pattern", id=key)
    return found


def accepted(session: Session, language: str) -> dict[Need, str]:
    """The piece that is played for each need: the latest that a second person accepted, and no other."""
    query = select(Phrase.kind, Phrase.key, Take.clip_sha256).join(Take, Take.phrase_id == Phrase.id)
    query = query.where(Phrase.language == language, Take.accepted.is_(True), Take.reviewed_by != Take.recorded_by)
    return {
        Need(PieceKind(kind), key): sha256
        for kind, key, sha256 in session.execute(query.order_by(Take.recorded_at, Take.id))
    }


def assemble(session: Session, tag: str, key: str, slots: Mapping[str, str]) -> Score | Missing:
    """A filled sentence as it will sound, or what it still lacks. Raises UnknownLanguage, NotFound, SlotUnfilled."""
    found = pattern(session, tag, key)
    order = bank.pattern_of(found.parts["parts"])
    try:
        return bank.assemble(order, slots, accepted(session, found.language), found.language)
    except Unfilled as error:
        raise SlotUnfilled(slot=str(error.params["slot"]), problem=str(error.params["problem"])) from error


def assembled(session: Session, tag: str, script: Mapping[str, Any]) -> Score:
    """The same for a version's script {"pattern": key, "slots": {…}}. Raises PiecesMissing as well."""
    made = assemble(session, tag, *script_of(script))
    if isinstance(made, Missing):
        language = languages.require(tag).tag
        raise PiecesMissing(language=language, pieces=", ".join(named(session, language, made.needs)))
    return made


def script_of(script: Mapping[str, Any]) -> tuple[str, dict[str, str]]:
    """The key and the filled slots of a script. Raises Malformed for anything else."""
    match dict(script):
        case {"pattern": str(key), "slots": dict(slots), **more} if not more:
            if all(isinstance(each, str) and len(each) <= LONGEST for each in (*slots, *slots.values())):
                return key, slots
    raise Malformed(field="script", problem='{"pattern": "…", "slots": {…}}')


def check_script(session: Session, tag: str, script: Mapping[str, Any]) -> None:
    """Raise UnknownLanguage, Malformed, NotFound or SlotUnfilled for a script of which no sentence can be made."""
    key, slots = script_of(script)
    assemble(session, tag, key, slots)


def named(session: Session, language: str, needs: Sequence[Need]) -> list[str]:
    """What the pieces say, in Vietnamese; of very many only the first and a dot dot dot."""
    known = {(row.kind, row.key): row.meaning for row in phrases(session, language)}
    words = [known.get((need.kind, need.key)) or meaning(need.kind, need.key) for need in needs[:NAMED_AT_ONCE]]
    return [*words, "…"] if len(needs) > NAMED_AT_ONCE else words


def ask_for(session: Session, actor: Actor, tag: str, needs: Sequence[Need], *, now: datetime) -> list[Phrase]:
    """Put pieces on the language's list, each once, so that somebody records them; return their rows in order."""
    language = languages.require(tag).tag
    known = {(row.kind, row.key): row for row in phrases(session, language)}
    fresh = [need for need in needs if (need.kind, need.key) not in known]
    if fresh:
        _kept(actor, tag)
    for need in fresh:
        words = _place_name(session, need.key) if need.kind is PieceKind.PLACE else meaning(need.kind, need.key)
        known[need.kind, need.key] = _phrase(language, need.kind, need.key, words, now=now)
        session.add(known[need.kind, need.key])
    session.flush()
    return [known[need.kind, need.key] for need in needs]


def _kept(actor: Actor, tag: str) -> str:
    """The language's tag, for someone who may change its list: whoever writes announcements anywhere."""
    language = languages.require(tag)
    if actor.person_id != SYSTEM.person_id and not units_of(actor.grants, Action.WRITE):
        raise NotAllowed(action=Action.WRITE)
    return language.tag


def _check_key(key: str) -> None:
    if not valid_id(key):
        raise Malformed(field="key", problem="a–z, 0–9, -")


def _check_parts(session: Session, language: str, given: Sequence[Mapping[str, str]]) -> None:
    if not 1 <= len(given) <= MOST_PARTS:
        raise Malformed(field="parts", problem=f"1–{MOST_PARTS}")
    try:
        order = bank.pattern_of(given)
    except ValueError as error:
        raise PatternWrong(part=str(error)[:LONGEST]) from error
    known = {row.key for row in phrases(session, language) if row.kind == PieceKind.PHRASE}
    for part in order:
        if isinstance(part, bank.Phrase) and part.key not in known:
            raise PatternWrong(part=part.key[:LONGEST])
    names = [part.name for part in order if isinstance(part, bank.Slot)]
    if len(set(names)) < len(names):
        raise PatternWrong(part=next(name for name in names if names.count(name) > 1)[:LONGEST])


def _place_of_phrase(row: Phrase) -> tuple[int, int, str]:
    number = int(row.key) if row.key.isdigit() else _PHRASE_ORDER.get(row.key, len(_PHRASE_ORDER))
    return _KIND_ORDER[PieceKind(row.kind)], number, row.meaning


def _has_below() -> Any:  # noqa: ANN401  (a condition whose type only SQLAlchemy can spell)
    below, further = Unit.__table__.alias(), Unit.__table__.alias()
    # What was merged holds its villages below a closed unit.
    held = select(further.c.id).where(further.c.parent_id == below.c.id).exists()
    return select(below.c.id).where(below.c.parent_id == Unit.id, below.c.closed_at.is_(None) | held).exists()


def _place_name(session: Session, unit_id: str) -> str:
    unit = session.get(Unit, unit_id)
    if unit is None:
        raise SlotUnfilled(slot="place", problem=unit_id[:LONGEST])
    return unit.name


def _phrase(language: str, kind: str, key: str, words: str, *, now: datetime, text: str = "") -> Phrase:
    return Phrase(id=new_id(now), language=language, kind=kind, key=key, meaning=words, text=text, created_at=now)


def _pattern(
    actor: Actor, language: str, key: str, title: str, order: list[dict[str, str]], *, now: datetime
) -> Pattern:
    return Pattern(
        id=new_id(now),
        language=language,
        key=key,
        meaning=title,
        parts={"parts": order},
        created_by=actor.person_id,
        created_at=now,
    )


def _note(session: Session, actor: Actor, action: str, language: str, now: datetime, **details: Any) -> None:  # noqa: ANN401
    unit = min((grant.unit for grant in actor.grants), default=None)
    audit.record(session, actor, action, ("language", language), now=now, unit=unit, details=details)
