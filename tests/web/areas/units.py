"""Who may look at changes of the tree and decide on them, and who keeps groups of loudspeakers."""

import uuid
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from broadcaster.domain.wishes import Kind, Wish
from broadcaster.services.actor import SYSTEM, Actor
from broadcaster.services.places import groups, reorganising
from tests.web.areas.area import Area, Thing
from tests.web.cells import Row


def make(session: Session, state: str, unit: str, _writer: Actor, _approver: Actor, now: datetime) -> Thing:
    """A planned change of the unit, or a group that it keeps."""
    known = {"unit": unit, "unit_id": unit}
    if state == "unit_change":
        wish, day = Wish(Kind.RENAME, (unit,), name="Xã đổi tên"), (now + timedelta(days=9)).date()
        return known | {"change_id": reorganising.decide(session, SYSTEM, wish, day=day, now=now).id}
    name = f"Nhóm {uuid.uuid4().hex}"
    return known | {"group_id": groups.create(session, SYSTEM, name=name, unit_id=unit, now=now).id}


AREA = Area(
    rows={
        "GET /units/changes": Row("signed in"),
        "GET /units/changes/new": Row("look after anywhere"),
        "GET /units/changes/{change_id}": Row("see", thing="unit_change"),
        "POST /units/changes/preview": Row("look after", thing="unit"),
        "POST /units/changes": Row("look after", 303, "unit"),
        "POST /units/changes/{change_id}/cancel": Row("look after", 303, "unit_change"),
        "GET /groups": Row("signed in"),
        "GET /groups/new": Row("look after anywhere"),
        "GET /groups/{group_id}": Row("see", thing="group"),
        "POST /groups": Row("look after", 303, "unit"),
        "POST /groups/{group_id}": Row("look after", 303, "group"),
    },
    states=frozenset({"unit_change", "group"}),
    make=make,
    fields={"change": "rename", "new_name": "Tên mới của đơn vị", "from_day": "2026-12-24"},
)
