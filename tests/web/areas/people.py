"""Signing in, one's own account, and the people somebody looks after."""

import uuid
from datetime import datetime

from sqlalchemy.orm import Session

from broadcaster.domain.permissions import Role
from broadcaster.services.actor import SYSTEM, Actor
from broadcaster.services.people import people
from tests.web.areas.area import Area
from tests.web.cells import Row

PERSON = "/people/{person_id}"


def make(session: Session, state: str, unit: str, writer: Actor, approver: Actor, now: datetime) -> dict[str, str]:
    """A unit whose people somebody looks after, with somebody in it who never came; changes are proved by a code."""
    known = {"unit": unit, "unit_id": unit, "proof": "code"}
    if state == "hiring":
        return known
    made = people.create_person(
        session, SYSTEM, login=f"moi-{uuid.uuid4().hex[:12]}", name="Người mới", unit_id=unit, now=now
    )
    for role in (Role.CLERK, Role.APPROVER):
        people.grant(session, SYSTEM, made.id, role, unit, now=now)
    return known | {"person_id": made.id}


AREA = Area(
    rows={
        "POST /sign-in": Row("anyone", 401),
        "GET /sign-in/second": Row("anyone", 303),
        "POST /sign-in/second": Row("anyone", 401),
        "POST /sign-in/second/passkeys/get": Row("anyone", 401),
        "GET /open-id/start": Row("anyone", 404),
        "GET /open-id/link": Row("signed in", 403),
        "GET /open-id/back": Row("anyone", 404),
        "POST /me/open-id/forget": Row("signed in", 303),
        "POST /me/password": Row("signed in", 422),
        "POST /me/sessions/end-others": Row("signed in", 303),
        "POST /me/sessions/{session_id}/end": Row("signed in", 404),
        "POST /me/tokens/{token_id}/revoke": Row("signed in", 404),
        "GET /people": Row("look after anywhere"),
        "GET /people/new": Row("look after anywhere"),
        "GET /people/list": Row("look after anywhere"),
        "POST /people/prove": Row("signed in", 403),
        "POST /people": Row("look after, page", thing="hiring"),
        "POST /people/list": Row("look after, page", thing="hiring"),
        "POST /people/list/take": Row("look after, page", thing="hiring"),
        "POST /people/list/links": Row("look after anywhere", thing="hiring"),
        f"GET {PERSON}": Row("look after, page", thing="employed"),
        f"POST {PERSON}": Row("look after, page", 303, "employed"),
        f"POST {PERSON}/roles": Row("look after, page", 303, "employed"),
        f"POST {PERSON}/roles/take": Row("look after, page", 303, "employed"),
        f"POST {PERSON}/factor-reset": Row("look after, page", 303, "employed"),
        f"POST {PERSON}/sessions/end": Row("look after, page", 303, "employed"),
        f"POST {PERSON}/close": Row("look after, page", 303, "employed"),
        f"POST {PERSON}/open": Row("look after, page", 303, "employed"),
        f"POST {PERSON}/invite": Row("look after, page", thing="employed"),
    },
    states=frozenset({"hiring", "employed"}),
    make=make,
    fields={"name": "Người mới", "text": "Lò Văn Bình", "rows": "Lò Văn Bình", "password_again": "khác hẳn"},
)
