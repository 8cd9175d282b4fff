"""Somebody whose alerts come in: what they write, how they sign it, and how we know them."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from broadcaster.domain.cap.message import Area, Category, Certainty, Info, Message, MsgType, Severity, Status, Urgency
from broadcaster.domain.cap.writing import to_xml
from broadcaster.services.actor import Actor
from broadcaster.services.outlets import cap_sources, standing_orders
from broadcaster.services.outlets.cap_seal import Seal
from broadcaster.services.outlets.cap_sources import Typed
from broadcaster.store.tables import CapSource
from tests.cast import COMMUNE, NOW, VAULT, Cast, second
from tests.web.house import AUTHORITY

SENDER = "kttv@example.vn"
_ISSUED = AUTHORITY.issue("kttv", now=NOW)
SEAL = Seal(_ISSUED.key_pem, _ISSUED.certificate_pem)
RULE = {"senders": [SENDER], "severities": ["Extreme", "Severe"], "certainties": ["Observed", "Likely"]}
HERE = Area("Yên Châu", geocodes=(("loa:unit", COMMUNE),))


@dataclass
class Sender:
    """Writes alerts that refer to one another."""

    seal: Seal = SEAL
    count: int = 0

    def message(self, msg_type: MsgType = MsgType.ALERT, *before: Message, **changes: object) -> Message:
        """One about a storm that Yên Châu is in; `before` = those it names."""
        self.count += 1
        usual = Message(
            identifier=f"kttv-{self.count}",
            sender=SENDER,
            sent=NOW + timedelta(seconds=self.count),
            status=Status.ACTUAL,
            msg_type=msg_type,
            references=tuple(each.reference for each in before),
            infos=(storm(),),
        )
        return replace(usual, **changes)  # type: ignore[arg-type]

    def signed(self, message: Message) -> bytes:
        """As it arrives."""
        return self.seal.sign(to_xml(message))


def storm(**changes: object) -> Info:
    """A severe storm until three hours from now."""
    usual = Info(
        language="vi-VN",
        categories=(Category.MET,),
        event="Bão",
        urgency=Urgency.IMMEDIATE,
        severity=Severity.SEVERE,
        certainty=Certainty.LIKELY,
        expires=NOW + timedelta(hours=3),
        headline="Tin bão khẩn cấp",
        instruction="Bà con vào nơi trú ẩn ngay.",
        areas=(HERE,),
    )
    return replace(usual, **changes)  # type: ignore[arg-type]


def typed(**changes: object) -> Typed:
    """The weather service as somebody fills it in."""
    usual = Typed(name="Đài khí tượng", senders=SENDER, certificate=SEAL.certificate_pem.decode())
    return replace(usual, **changes)  # type: ignore[arg-type]


def known(session: Session, cast: Cast, *, now: datetime = NOW, **changes: str) -> CapSource:
    """The weather service as a source of the commune."""
    return cap_sources.add(session, cast.owner, COMMUNE, typed(**changes), now=now)


def order(session: Session, source: CapSource, asks: Actor, grants: Actor) -> None:
    """Two people let its severe alerts be heard by themselves."""
    asked = standing_orders.ask(session, asks, source, RULE, second=second(session, asks), vault=VAULT, now=NOW)
    standing_orders.grant(session, grants, source, asked.about, second=second(session, grants), vault=VAULT, now=NOW)
