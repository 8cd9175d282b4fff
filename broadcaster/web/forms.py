"""The form in which an announcement is written: from a row, from what was sent, and to a draft."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from broadcaster.domain import languages
from broadcaster.domain.audience import Choice, ChoiceKind
from broadcaster.domain.languages import LANGUAGES
from broadcaster.services.sound import voice_bank
from broadcaster.services.writing.announcements import AudienceChoice, Draft, DraftVersion
from broadcaster.store.tables import Announcement, Unit, Version
from broadcaster.web.asking import Posted
from broadcaster.web.labels import CATEGORY, KLASS
from broadcaster.web.problems import Problem
from broadcaster.web.schedule_form import LATER, PATTERNS, ScheduleForm, posted_schedule
from broadcaster.web.shown import cap, places
from broadcaster.web.shown.announcements import ClipView, Words, choices
from broadcaster.web.shown.cap import CLEAR, Unclear
from broadcaster.web.shown.places import Node, Reach
from broadcaster.web.shown.sight import Sight
from broadcaster.web.shown.voices import Field, fields


@dataclass(frozen=True, slots=True)
class Heard:
    """What became of “How will it be read?” and “Listen”."""

    words: Words | None = None
    clip: ClipView | None = None
    problem: Problem | None = None
    language: str = ""

    @property
    def otherwise(self) -> dict[str, str]:
        """What is read otherwise than written, each word once."""
        pieces = self.words.pieces if self.words else ()
        return {piece.written: piece.spoken for piece in pieces if piece.written}


@dataclass(frozen=True, slots=True)
class VersionForm:
    """One language."""

    language: str
    text: str = ""
    recording: str = ""
    read_by: str = ""
    """Which voice reads it, "espeak-south"; empty: the best there is."""
    speed: int = 100
    heard: Heard | None = None
    pattern: str = ""
    """The sentence of the voice bank it is put together from."""
    slots: Mapping[str, str] = field(default_factory=dict)
    sentences: tuple[tuple[str, str], ...] = ()
    """The sentences there are to choose from, with what they are for."""
    fields: tuple[Field, ...] = ()
    """What there is to fill into the chosen one."""

    @property
    def voice(self) -> bool:
        """Whether a machine can read it."""
        return languages.has_voice(self.language)

    @property
    def script(self) -> dict[str, object] | None:
        """What it is put together from; a recording goes before it."""
        return {"pattern": self.pattern, "slots": dict(self.slots)} if self.pattern and not self.recording else None

    @property
    def filled(self) -> bool:
        """Whether there is anything in it."""
        return bool(self.text or self.recording or self.pattern)


@dataclass(frozen=True, slots=True)
class Offered:
    """What there is to choose from."""

    tree: tuple[Node, ...]
    groups: tuple[tuple[str, str], ...]
    units: tuple[tuple[str, str], ...]
    languages: tuple[str, ...] = ()
    """Tags, those of the unit and of its villages first."""

    @property
    def many(self) -> bool:
        """Whether there is more to choose from than fits on a phone's screen, so that finding by name helps."""
        return sum(1 + len(node.below) for top in self.tree for node in (top, *top.below)) > FITS

    @property
    def mapped(self) -> bool:
        """Whether any of it can be chosen on a map."""
        return any(node.mapped for node in self.tree)


FITS = 12
NOTHING_OFFERED = Offered((), (), ())
NOWHERE = Reach(0, 0, 0)


@dataclass(frozen=True, slots=True)
class WriteForm:
    """Everything in the form."""

    title: str = ""
    klass: str = "normal"
    category: str = "general"
    kind: str = "live"
    unit: str = ""
    repeat: int = 2
    versions: tuple[VersionForm, ...] = (VersionForm("vi"),)
    ticked: frozenset[str] = frozenset()
    excepted: frozenset[str] = frozenset()
    expires: datetime | None = None
    announcement: str = ""
    revision: int = 0
    once: str = ""
    when: ScheduleForm = LATER
    """When it is to be heard; schedules are written with it."""
    offered: Offered = NOTHING_OFFERED
    reach: Reach = NOWHERE
    unclear: Unclear = CLEAR
    """What an alert of others says of its places that nobody has told apart yet."""

    @property
    def other_languages(self) -> list[str]:
        """Those that have no version yet."""
        chosen = {version.language for version in self.versions}
        return [code for code in self.offered.languages or LANGUAGES if code not in chosen]

    def with_version(self, changed: VersionForm) -> "WriteForm":
        """The same with one version changed, or added when its language is new."""
        known = any(version.language == changed.language for version in self.versions)
        versions = [changed if version.language == changed.language else version for version in self.versions]
        return replace(self, versions=(*versions, *(() if known else (changed,))))

    def version(self, language: str) -> VersionForm:
        """The version in one language; empty when there is none."""
        return next((version for version in self.versions if version.language == language), VersionForm(language))

    def audience(self) -> list[AudienceChoice]:
        """What is ticked, without boxes under a ticked one, minus the exceptions."""
        topmost = places.covered(self.offered.tree, self.ticked)
        groups = {ref for ref, _ in self.offered.groups if ref in self.ticked}
        ticked = [places.choice_of(ref) for ref in sorted(topmost | groups)]
        excepted = [places.choice_of(ref, include=False) for ref in sorted(self.excepted)]
        return [AudienceChoice(it.kind, it.ref, it.include) for it in (*ticked, *excepted) if it]

    def draft(self) -> Draft:
        """What the services take; a version left wholly empty is left out, unless it is the only one."""
        filled = [version for version in self.versions if version.filled] or self.versions[:1]
        return Draft(
            title=self.title,
            klass=self.klass,
            category=self.category,
            kind=self.kind,
            unit_id=self.unit,
            versions=[_drafted(it) for it in filled],
            audience=self.audience(),
            expires=self.expires,
            repeat=self.repeat,
        )


def _drafted(it: VersionForm) -> DraftVersion:
    return DraftVersion(it.language, it.text, it.recording or None, it.script, it.read_by, it.speed)


def posted_form(form: Posted) -> WriteForm:
    """What was sent, kept as it was typed; values no box of ours has are dropped."""
    tags = [code for code in dict.fromkeys(form.lines("languages")) if languages.find(code)]
    klass, category = form.line("klass"), form.line("category")
    return WriteForm(
        title=form.line("title"),
        klass=klass if klass in KLASS else "normal",
        category=category if category in CATEGORY else "general",
        unit=form.line("unit"),
        repeat=min(max(form.number("repeat"), 1), 3),
        versions=tuple(_posted_version(form, code) for code in tags) or (VersionForm("vi"),),
        ticked=frozenset(form.lines("audience")),
        excepted=frozenset(form.lines("but")),
        announcement=form.line("announcement"),
        revision=form.number("revision"),
        once=form.line("once")[:64],
        when=posted_when(form),
    )


def _posted_version(form: Posted, language: str) -> VersionForm:
    dropped = form.line(f"drop-{language}") == "1"
    return VersionForm(
        language,
        form.prose(f"text-{language}"),
        "" if dropped else form.line(f"recording-{language}"),
        pattern=form.line(f"pattern-{language}"),
        slots=form.starting(f"slot-{language}-"),
        read_by=form.line(f"voice-{language}")[:32],
        speed=form.number(f"speed-{language}") or 100,
    )


def posted_when(form: Posted) -> ScheduleForm:
    """When it is to be heard, as it was sent; without a pattern nothing is said about it."""
    pattern = form.line("pattern")
    known = pattern if pattern in {*PATTERNS, LATER.pattern} else ""
    return replace(posted_schedule(form), pattern=known, schedule=form.line("schedule"))


def form_of_announcement(row: Announcement) -> WriteForm:
    """An announcement as it is changed."""
    chosen = choices(row)
    return WriteForm(
        title=row.title,
        klass=row.klass,
        category=row.category,
        kind=row.kind,
        unit=row.unit_id,
        repeat=row.repeat,
        versions=tuple(_version_of(it) for it in row.versions),
        ticked=frozenset(places.ref_of(it) for it in chosen if it.include),
        excepted=frozenset(places.ref_of(it) for it in chosen if not it.include),
        expires=row.expires,
        announcement=row.id,
        revision=row.revision,
    )


def _version_of(row: Version) -> VersionForm:
    pattern, slots = voice_bank.script_of(row.script) if row.script else ("", {})
    return VersionForm(
        row.language,
        row.text,
        row.recording_sha256 or "",
        read_by=row.voice,
        speed=row.speed,
        pattern=pattern,
        slots=slots,
    )


def with_choices(session: Session, writing: Sight, form: WriteForm) -> WriteForm:
    """The form with what there is to choose from, for the units this person writes for."""
    tree = places.forest(session, writing, form.ticked)
    units = tuple((node.ref.removeprefix("u:"), node.name) for node in _units(tree))
    unit = form.unit or units[0][0]
    offered = Offered(tree, tuple(places.groups(session, writing)), units, _languages(session, writing, unit))
    versions = tuple(with_sentences(session, version, writing.units) for version in form.versions)
    filled = replace(form, offered=offered, versions=versions)
    chosen = [Choice(ChoiceKind(it.kind), it.ref, it.include) for it in filled.audience()]
    unclear = cap.unclear(session, form.announcement)
    return replace(filled, unit=unit, reach=places.reach(session, writing, chosen), unclear=unclear)


def with_sentences(session: Session, version: VersionForm, units: frozenset[str]) -> VersionForm:
    """The version with the sentences of its voice bank, and with what is to be filled into the chosen one."""
    found = voice_bank.patterns(session, version.language)
    chosen = next((row for row in found if row.key == version.pattern), None)
    return replace(
        version,
        pattern=chosen.key if chosen else "",
        slots=version.slots if chosen else {},
        sentences=tuple((row.key, row.meaning) for row in found),
        fields=fields(session, chosen, units) if chosen else (),
    )


def _languages(session: Session, writing: Sight, unit: str) -> tuple[str, ...]:
    """Every language, in the unit's own order: what it and those above it chose, then what its villages did."""
    chosen = dict(session.execute(select(Unit.id, Unit.languages)).all())
    above = list(reversed(writing.tree.path(unit))) if unit in writing.tree.parents else []
    below = [each for each in writing.tree.parents if unit in writing.tree.path(each)]
    own = [tag for each in (*above, *below) for tag in chosen.get(each, ())]
    return tuple(language.tag for language in languages.ordered(own))


def _units(tree: tuple[Node, ...]) -> list[Node]:
    """The units in whose name one may write: the topmost, and what lies directly below."""
    return [unit for top in tree for unit in (top, *[each for each in top.below if each.ref.startswith("u:")])]
