"""A provider's answer made fit to be kept: what it says may be anything. PURE"""

import re
from dataclasses import replace

from broadcaster.domain.mirror import Outcome

NAME_MOST = 200
"""Characters of a provider's name for a message, and of its code: what their columns hold."""
# PostgreSQL takes no NUL, and half a character has no bytes in UTF-8.
_UNKEPT = re.compile(r"[\x00\ud800-\udfff]")


def keepable(outcome: Outcome) -> Outcome:
    """The same outcome as every database takes it."""
    return replace(
        outcome,
        remote_id=_kept(outcome.remote_id or "")[:NAME_MOST] or None,
        provider_code=_kept(outcome.provider_code)[:NAME_MOST],
        detail=_kept(outcome.detail),
        changed=tuple((_kept(name), _kept(value)) for name, value in outcome.changed),
    )


def _kept(text: str) -> str:
    return _UNKEPT.sub("", text)
