"""The form of a change of the tree: what was chosen, on its way to a wish and to the next page."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date

from broadcaster.domain.errors import Malformed
from broadcaster.domain.land import fresh_id
from broadcaster.domain.wishes import END, Kind, Part, Wish
from broadcaster.web.asking import Posted

MOST_PARTS = 4
WHOLE, KEEP = "whole", "keep"
"""What is answered about a role: held for the whole from then on, or for the same part as before."""


@dataclass(frozen=True, slots=True)
class ChangeForm:
    """What was typed and chosen so far."""

    kind: Kind
    units: tuple[str, ...] = ()
    into: str = ""
    name: str = ""
    level: str = ""
    under: str = ""
    as_in: str = ""
    parts: tuple[str, ...] = ("",) * MOST_PARTS
    goes: Mapping[str, str] = field(default_factory=dict)
    """Village → the number of its part, from 1."""
    answers: Mapping[str, str] = field(default_factory=dict)
    day: str = ""
    decision: str = ""

    def hidden(self) -> list[tuple[str, str]]:
        """All but the answers, the day and the decision, as fields of the next form."""
        words = (
            ("change", str(self.kind)),
            ("into", self.into),
            ("new_name", self.name),
            ("level", self.level),
            ("under", self.under),
            ("as_in", self.as_in),
        )
        parts = [(f"part-{number}", name) for number, name in enumerate(self.parts, start=1)]
        goes = [(f"goes-{village}", number) for village, number in self.goes.items()]
        units = [("unit", unit) for unit in self.units]
        return [(name, value) for name, value in (*words, *units, *parts, *goes) if value]

    def wish(self, taken: Collection[str], level: str) -> Wish:
        """The wish, new units getting ids that nothing has; `level` is what parts are unless something else is said."""
        new = fresh_id(taken, self.name) if self.kind is Kind.MERGE and not self.into else ""
        parts = self._parts(taken, level) if self.kind is Kind.SPLIT else ()
        whole = self.into or new
        return Wish(
            kind=self.kind,
            units=self.units,
            id=new,
            into=self.into,
            name=self.name,
            level=self.level or level,
            parent=self.under,
            as_in=self.as_in,
            parts=parts,
            answers={grant: _answer(answer, whole) for grant, answer in self.answers.items() if answer},
        )

    def _parts(self, taken: Collection[str], level: str) -> tuple[Part, ...]:
        found: list[Part] = []
        for number, name in enumerate(self.parts, start=1):
            if name:
                used = {*taken, *(part.id for part in found)}
                mine = tuple(village for village, goes in self.goes.items() if goes == str(number))
                found.append(Part(fresh_id(used, name), name, self.level or level, mine))
        return tuple(found)

    def chosen_day(self) -> date | None:
        """The day, none for today. Raises Malformed."""
        try:
            return date.fromisoformat(self.day) if self.day else None
        except ValueError as error:
            raise Malformed(field="day", problem=self.day[:40]) from error


def posted(form: Posted) -> ChangeForm:
    """What a form of ours sent. Raises Malformed for a kind of change there is not."""
    return ChangeForm(
        kind=kind_of(form.line("change")),
        units=tuple(dict.fromkeys(unit for unit in form.lines("unit") if unit)),
        into=form.line("into"),
        name=form.line("new_name"),
        level=form.line("level")[:64],
        under=form.line("under"),
        as_in=form.line("as_in"),
        parts=tuple(form.line(f"part-{number}") for number in range(1, MOST_PARTS + 1)),
        goes=form.starting("goes-"),
        answers=form.starting("answer-"),
        day=form.line("from_day"),
        decision=form.line("decision"),
    )


def kind_of(text: str) -> Kind:
    """The kind of change. Raises Malformed."""
    try:
        return Kind(text)
    except ValueError as error:
        raise Malformed(field="change", problem=", ".join(Kind)) from error


def _answer(answer: str, whole: str) -> str:
    return {KEEP: "", END: END, WHOLE: whole}.get(answer, "")
