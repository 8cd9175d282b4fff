"""What an HTTP exchange says about a copy when the other side's own words do not."""

from collections.abc import Mapping
from typing import Any

import httpx

from broadcaster.domain.mirror import CopyState, Outcome

# Raised before the request went out; after any other transport error nobody knows.
NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol, httpx.InvalidURL)

# Below 500, what may pass by itself: too early, too many requests.
TRANSIENT = frozenset({425, 429})
# A server or gateway that ran out of time may have handed the request on.
UNSURE = frozenset({408, 504})


def not_answered(error: httpx.HTTPError | httpx.InvalidURL) -> Outcome:
    """The outcome of a request that ended in a transport error."""
    code = type(error).__name__
    state = CopyState.FAILED if isinstance(error, NOT_SENT) else CopyState.UNKNOWN
    return Outcome(state, provider_code=code, detail=str(error)[:200])


def by_status(response: httpx.Response, detail: str = "") -> Outcome:
    """The outcome that an HTTP status alone stands for; a redirect or refusal is for good."""
    status = response.status_code
    state = CopyState.ACCEPTED if response.is_success else CopyState.FAILED
    return Outcome(
        CopyState.UNKNOWN if status in UNSURE else state,
        retry_after=retry_after(response),
        permanent=state is CopyState.FAILED and not (status in UNSURE | TRANSIENT or status >= 500),
        provider_code=str(status),
        detail=detail or response.reason_phrase,
    )


def retry_after(response: httpx.Response) -> int | None:
    """Seconds asked for by Retry-After; the form with a date is left to our own patience."""
    text = response.headers.get("retry-after", "").strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 8 else None


def as_object(response: httpx.Response) -> Mapping[str, Any] | None:
    """The JSON object in an answer, or None: a login page, half an answer, another kind of value."""
    try:
        value = response.json()
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None
