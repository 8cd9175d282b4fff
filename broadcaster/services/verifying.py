"""The log book's chain is followed from its first line, and what was found is kept beside it."""

import json
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from broadcaster.domain.chain import Head, Verdict
from broadcaster.domain.permissions import Action, units_of
from broadcaster.services import audit
from broadcaster.services.actor import Actor
from broadcaster.store.tables import Meta
from broadcaster.store.upsert import upsert

KEY = "audit_checked"


@dataclass(frozen=True, slots=True)
class Checked:
    """What was found when the chain was last followed."""

    at: datetime
    by: str
    through: int
    """The last line up to which it was whole."""
    anchor: Head
    """Where it ended when it was last found whole; what was written anew later is told by it."""
    bad: int | None
    problem: str

    @property
    def sound(self) -> bool:
        """Whether nothing was altered."""
        return self.bad is None


def last(session: Session) -> Checked | None:
    """What was found the last time; None = nobody has looked."""
    row = session.get(Meta, KEY)
    if row is None:
        return None
    kept = json.loads(row.value)
    return Checked(**kept | {"at": datetime.fromisoformat(kept["at"]), "anchor": Head(**kept["anchor"])})


def follow(session: Session) -> Verdict:
    """Follow the chain, also past what was whole the last time: a chain that was written anew since is caught."""
    before = last(session)
    return audit.verify(session, before.anchor if before else None)


def keep(session: Session, actor: Actor, verdict: Verdict, *, now: datetime) -> None:
    """Keep what was found, with the name of whoever looked. Raises NotAllowed."""
    tops = sorted(units_of(actor.grants, Action.SEE_AUDIT))
    actor.require(Action.SEE_AUDIT, tops)
    before = last(session)
    # A chain that was found broken stays so: only what was whole is measured against.
    anchor = verdict.head if verdict.sound or before is None else before.anchor
    found = {"at": now.isoformat(), "by": actor.name, "through": verdict.head.seq}
    kept = {"anchor": {"seq": anchor.seq, "hash": anchor.hash}, "bad": verdict.bad, "problem": verdict.problem}
    value = json.dumps(found | kept)
    upsert(session, Meta, [{"key": KEY, "value": value}], change=("value",))
    action = "chain_whole" if verdict.sound else "chain_broken"
    details = {"through": verdict.head.seq, "bad": verdict.bad, "why": verdict.problem}
    audit.record(session, actor, action, ("log_book", "chain"), now=now, unit=tops[0], details=details)
