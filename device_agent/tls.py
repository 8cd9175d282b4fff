"""TLS on a board whose clock may be wrong."""

import ssl
from collections.abc import Callable
from typing import Any

_NO_CHECK_TIME = 0x200000
"""OpenSSL's X509_V_FLAG_NO_CHECK_TIME, which Python does not name."""


class Context(ssl.SSLContext):
    """Judges the dates of certificates only where the board's own clock is right; everything else about them always.

    A board without a battery-backed clock begins in 1970, where no certificate is good yet: it could never come to know
    the time. What may be played hangs on signatures and signed times, not on these dates.
    """

    clock_is_right: Callable[[], bool] | None = None
    """Asked before every connection; until it is set nobody vouches for the clock."""

    def wrap_socket(self, *given: Any, **named: Any) -> ssl.SSLSocket:  # noqa: ANN401 - whatever ssl takes
        """As ever; whether dates count is decided anew each time."""
        right = self.clock_is_right is not None and self.clock_is_right()
        flags = int(self.verify_flags)
        self.verify_flags = ssl.VerifyFlags(flags & ~_NO_CHECK_TIME if right else flags | _NO_CHECK_TIME)
        return super().wrap_socket(*given, **named)


def client_context(authority: str, certificate: str, key: str) -> Context:
    """TLS 1.2 and above with our own authority alone and our certificate; raises OSError, ValueError."""
    context = Context(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_verify_locations(cafile=authority)
    context.load_cert_chain(certificate, key)
    return context
