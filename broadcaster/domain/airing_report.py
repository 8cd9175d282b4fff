"""What is signed of an airing: one canonical text that a person can read and a program can check."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

TYPE = "application/vnd.loa.airing-report.v1+text"
"""The payload type of the signed text: nothing else that a server signs can be taken for it."""
HEAD = "LOA AIRING REPORT 1"
NONE = "-"


@dataclass(frozen=True, slots=True)
class Spoken:
    """One loudspeaker, how far it got, and by which receipts it said so."""

    unit: str
    speaker: str
    name: str
    state: str
    started: datetime | None
    ended: datetime | None
    level: int | None
    """Centi-dBFS."""
    proof: str
    receipts: str
    """Their numbers, as "12-15"."""
    hash: str
    """The chain's hash after the last of them."""
    by_person: datetime | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """One airing with all that came of it; who only pretends to be a loudspeaker is not in it."""

    airing: str
    announcement: str
    revision: int
    title: str
    klass: str
    kind: str
    reference: str
    """sha256:<hex> of the signed announcement."""
    wall: str
    zone: str
    planned: datetime
    state: str
    approved_by: Sequence[str]
    words: Sequence[tuple[str, str]]
    """Language and text as they were signed; `reference` binds them, so the text names it alone."""
    speakers: Sequence[Spoken]

    def text(self) -> str:
        """The same facts give the same text, on every server and in every language of the console."""
        facts = {
            "airing": self.airing,
            "announcement": f"{self.announcement} revision {self.revision}",
            "title": self.title,
            "class": self.klass,
            "kind": self.kind,
            "signed": self.reference,
            "planned": f"{_at(self.planned)} ({self.wall} {self.zone})",
            "state": self.state,
            "approved by": "; ".join(self.approved_by),
            "loudspeakers": str(len(self.speakers)),
            "heard": str(sum(one.state == "heard" for one in self.speakers)),
        }
        head = [HEAD, *(f"{name}: {_one_line(value)}" for name, value in facts.items())]
        columns = "unit\tspeaker\tname\tstate\tstarted\tended\tlevel\tproof\treceipts\thash\tby person"
        return "\n".join([*head, "", columns, *(_line(one) for one in self.speakers), ""])


def _line(one: Spoken) -> str:
    level = NONE if one.level is None else f"{one.level / 100:.2f}"
    said = (one.unit, one.speaker, one.name, one.state, _at(one.started), _at(one.ended), level, one.proof)
    return "\t".join(_one_line(each) for each in (*said, one.receipts, one.hash, _at(one.by_person)))


def _one_line(text: str) -> str:
    """No value can begin a line or a column of its own."""
    return " ".join(text.split()) or NONE


def _at(at: datetime | None) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if at else NONE
