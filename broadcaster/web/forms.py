"""The form in which an announcement is written: from a row, from what was sent, and to a draft."""

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.orm import Session

from broadcaster.domain.audience import Choice, ChoiceKind
from broadcaster.services.announcements import AudienceChoice, Draft, DraftVersion
from broadcaster.store.tables import Announcement
from broadcaster.web.asking import Posted
from broadcaster.web.labels import CATEGORY, KLASS, LANGUAGE
from broadcaster.web.problems import Problem
from broadcaster.web.shown import places
from broadcaster.web.shown.announcements import ClipView, Words, choices
from broadcaster.web.shown.places import Node, Reach
from broadcaster.web.shown.sight import Sight


@dataclass(frozen=True, slots=True)
class Heard:
    """What became of “How will it be read?” and “Listen”."""

    words: Words | None = None
    clip: ClipView | None = None
    problem: Problem | None = None


@dataclass(frozen=True, slots=True)
class VersionForm:
    """One language."""

    language: str
    text: str = ""
    recording: str = ""
    heard: Heard | None = None


@dataclass(frozen=True, slots=True)
class Offered:
    """What there is to choose from."""

    tree: tuple[Node, ...]
    groups: tuple[tuple[str, str], ...]
    units: tuple[tuple[str, str], ...]

    @property
    def many(self) -> bool:
        """Whether there is more to choose from than fits on a phone's screen, so that finding by name helps."""
        return sum(1 + len(node.below) for top in self.tree for node in (top, *top.below)) > FITS


FITS = 12
NOTHING_OFFERED = Offered((), (), ())
NOWHERE = Reach(0, 0)


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
    offered: Offered = NOTHING_OFFERED
    reach: Reach = NOWHERE

    @property
    def other_languages(self) -> list[str]:
        """Those that have no version yet."""
        return [code for code in LANGUAGE if code not in {version.language for version in self.versions}]

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
        filled = [version for version in self.versions if version.text or version.recording] or self.versions[:1]
        return Draft(
            title=self.title,
            klass=self.klass,
            category=self.category,
            kind=self.kind,
            unit_id=self.unit,
            versions=[DraftVersion(it.language, it.text, it.recording or None) for it in filled],
            audience=self.audience(),
            expires=self.expires,
            repeat=self.repeat,
        )


def posted_form(form: Posted) -> WriteForm:
    """What was sent, kept as it was typed; values no box of ours has are dropped."""
    languages = [code for code in dict.fromkeys(form.lines("languages")) if code in LANGUAGE]
    klass, category = form.line("klass"), form.line("category")
    return WriteForm(
        title=form.line("title"),
        klass=klass if klass in KLASS else "normal",
        category=category if category in CATEGORY else "general",
        unit=form.line("unit"),
        repeat=min(max(form.number("repeat"), 1), 3),
        versions=tuple(_posted_version(form, code) for code in languages) or (VersionForm("vi"),),
        ticked=frozenset(form.lines("audience")),
        excepted=frozenset(form.lines("except")),
        announcement=form.line("announcement"),
        revision=form.number("revision"),
        once=form.line("once"),
    )


def _posted_version(form: Posted, language: str) -> VersionForm:
    dropped = form.line(f"drop-{language}") == "1"
    return VersionForm(language, form.prose(f"text-{language}"), "" if dropped else form.line(f"recording-{language}"))


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
        versions=tuple(VersionForm(it.language, it.text, it.recording_sha256 or "") for it in row.versions),
        ticked=frozenset(places.ref_of(it) for it in chosen if it.include),
        excepted=frozenset(places.ref_of(it) for it in chosen if not it.include),
        expires=row.expires,
        announcement=row.id,
        revision=row.revision,
    )


def with_choices(session: Session, writing: Sight, form: WriteForm) -> WriteForm:
    """The form with what there is to choose from, for the units this person writes for."""
    tree = places.forest(session, writing, form.ticked)
    units = tuple((node.ref.removeprefix("u:"), node.name) for node in _units(tree))
    filled = replace(form, offered=Offered(tree, tuple(places.groups(session, writing)), units))
    chosen = [Choice(ChoiceKind(it.kind), it.ref, it.include) for it in filled.audience()]
    return replace(filled, unit=form.unit or units[0][0], reach=places.reach(session, writing, chosen))


def _units(tree: tuple[Node, ...]) -> list[Node]:
    """The units in whose name one may write: the topmost, and what lies directly below."""
    return [unit for top in tree for unit in (top, *[each for each in top.below if each.ref.startswith("u:")])]
