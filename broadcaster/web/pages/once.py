"""A form pressed twice does its work once."""

import hashlib
from collections.abc import Callable

from sqlalchemy.orm import Session

from broadcaster.services import idempotency
from broadcaster.web.asking import Sending


def once(session: Session, visit: Sending, request: str, act: Callable[[], str]) -> str:
    """What `act` gave the first time this page's form was sent; a page without a key acts each time."""
    key = visit.form.line("once")
    if not key:
        return act()

    def run() -> tuple[int, bytes]:
        return 303, act().encode()

    wanted = hashlib.sha256(request.encode()).hexdigest()
    now = visit.context.now()
    return idempotency.replay_or_run(session, visit.me, f"page-{key}", wanted, run, now=now).body.decode()
