"""Any service that the library apprise knows, by the address of one target; it tells little of what came of it."""

import logging
import re
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, ClassVar, Self

from broadcaster.domain.mirror import Copy, CopyState, Outcome
from broadcaster.domain.mirror_wording import LIMITS, compose
from broadcaster.mirrors.answers import TRANSIENT, UNSURE
from broadcaster.mirrors.base import Means
from broadcaster.mirrors.fence import Fence, fenced
from broadcaster.services.outlets.trying import Setting, Tried

if TYPE_CHECKING:
    from apprise import NotifyBase

# Its lines name addresses with their tokens; they are read here and go no further.
HEARD = logging.getLogger("apprise")
HEARD.propagate = False
HEARD.addHandler(logging.NullHandler())

CONNECT_S, READ_S = 5.0, 10.0
# A service of short messages gets the text in about so many: each waits for the one before.
MOST_PARTS = 4
LEAST = 400
_STATUS = re.compile(r"error=(\d{3})")
# What the library says of requests that never went out.
_NOT_SENT = re.compile(r"NewConnectionError|NameResolutionError|ConnectTimeoutError|SSLCertVerificationError")
# Services read these as mentions and tags where the rest is plain text.
_TAGS = str.maketrans({"<": "‹", ">": "›"})


class AppriseChannel:
    """Sends plain text to one target; it cannot edit, so corrections and withdrawals follow as marked messages."""

    kind: ClassVar[str] = "apprise"
    label: ClassVar[str] = "Another service (Apprise)"
    settings: ClassVar[Sequence[Setting]] = (Setting("url", "Apprise address of one target", secret=True),)
    per_minute: ClassVar[int] = 10

    def __init__(self, target: "NotifyBase", *, private: bool) -> None:
        self._target, self._private = target, private

    @classmethod
    def build(cls, settings: Mapping[str, str], means: Means) -> Self:
        """The channel for one target; raises ValueError for an address that apprise cannot use or we will not."""
        target = _target(settings["url"])
        if len(target) != 1:
            raise ValueError("one address is one target; add a group for each")
        if not (means.private or target.secure) and _has_both_kinds(target):
            raise ValueError("this address is not encrypted; take the kind that is, such as jsons:// for json://")
        target.verify_certificate = target.verify_certificate or not means.private
        target.socket_connect_timeout, target.socket_read_timeout = CONNECT_S, READ_S
        return cls(target, private=means.private)

    def send(self, copy: Copy) -> Outcome:
        """Post the words, in as many messages as the service needs."""
        from apprise import NotifyFormat, OverflowMode  # noqa: PLC0415  (see _target)

        room = max(LEAST, min(LIMITS[self.kind], MOST_PARTS * self._target.body_maxlen))
        words = compose(copy, limit=room).translate(_TAGS)
        with _heard() as lines, self._fence() as fence:
            try:
                taken = self._target.notify(
                    body=words, title="", body_format=NotifyFormat.TEXT, overflow=OverflowMode.SPLIT
                )
            except Exception as error:  # noqa: BLE001  (one of 180 plug-ins may break in its own way)
                taken = False
                lines.append((logging.WARNING, type(error).__name__))
        if taken:
            return Outcome(CopyState.ACCEPTED, provider_code="ok")
        if fence.refused:
            return Outcome(CopyState.FAILED, permanent=True, provider_code="refused", detail=fence.refused)
        return _judged(lines, in_parts=len(words) > self._target.body_maxlen)

    def test(self) -> Tried:
        """Say whose address it is: apprise can ask nothing without sending."""
        words = "This is an address of %(service)s. Whether it takes messages only a test message shows."
        return Tried(works=True, words=words, params={"service": str(self._target.service_name)})

    @contextmanager
    def _fence(self) -> Iterator[Fence]:
        if self._private:
            yield Fence()
        else:
            with fenced() as fence:
                yield fence


def _target(url: str) -> "NotifyBase":
    # Its 180 plug-ins take most of a second and 47 MB; who has no such channel does without.
    from apprise import Apprise, AppriseAsset  # noqa: PLC0415

    asset = AppriseAsset(app_id="Loa", app_desc="Loa", http_redirects=False)
    target = Apprise.instantiate(url, asset=asset)
    if target is None:
        raise ValueError("apprise does not know this kind of address, or something is missing in it")
    return target


def _has_both_kinds(target: "NotifyBase") -> bool:
    return bool(target.protocol) and bool(target.secure_protocol)


def _judged(lines: Sequence[tuple[int, str]], *, in_parts: bool) -> Outcome:
    """What a failure stands for, by what the library wrote about it; of several parts one may have arrived."""
    warnings = [words for level, words in lines if level >= logging.WARNING]
    found = [int(status) for words in warnings for status in _STATUS.findall(words)]
    status, detail = (found[-1] if found else 0), (warnings[-1][:200] if warnings else "the service did not take it")
    code = str(status or "failed")
    if not in_parts and any(_NOT_SENT.search(words) for _, words in lines):
        return Outcome(CopyState.FAILED, provider_code="not sent", detail=detail)
    if in_parts or status < 300 or status in UNSURE:
        return Outcome(CopyState.UNKNOWN, provider_code=code, detail=detail)
    passing = status in TRANSIENT or status >= 500
    return Outcome(CopyState.FAILED, permanent=not passing, provider_code=code, detail=detail)


@contextmanager
def _heard() -> Iterator[list[tuple[int, str]]]:
    """What the library writes in this thread."""
    listener = _Listener()
    HEARD.setLevel(logging.DEBUG)
    HEARD.addHandler(listener)
    try:
        yield listener.lines
    finally:
        HEARD.removeHandler(listener)


class _Listener(logging.Handler):
    def __init__(self) -> None:
        super().__init__()
        self.lines: list[tuple[int, str]] = []
        self._mine = threading.get_ident()

    def emit(self, record: logging.LogRecord) -> None:
        if record.thread == self._mine:
            self.lines.append((record.levelno, record.getMessage()))
