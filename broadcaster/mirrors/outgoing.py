"""The guarded client: public https addresses only, resolved once; no redirects, little patience, small answers."""

import logging
import socket
import time
from collections.abc import Callable, Iterable, Iterator
from ipaddress import IPv4Address, IPv6Address, ip_address

import httpx

# httpx logs every address at INFO, and a bot token is part of its address.
logging.getLogger("httpx").setLevel(logging.WARNING)

TIMEOUT = httpx.Timeout(10.0, connect=5.0)
# Connections are kept by address; two names behind one address must not share one.
LIMITS = httpx.Limits(max_connections=200, max_keepalive_connections=0)
LARGEST_ANSWER = 65_536
# A server that drips its answer byte by byte never meets the timeout between two reads.
LONGEST_ANSWER = 20.0
CARRIER_NAT = range(int(ip_address("100.64.0.0")), int(ip_address("100.128.0.0")))

Address = IPv4Address | IPv6Address
Resolver = Callable[[str, int], Iterable[str]]


class Refused(httpx.ConnectError):
    """The address may not be called; nothing was sent."""


class AnswerTooLong(httpx.ReadError):
    """The other side answered with more than we read."""


def client(*, private: bool = False) -> httpx.Client:
    """A client for one channel; `private` also allows http and addresses of this machine and its network."""
    transport = Guarded(httpx.HTTPTransport(limits=LIMITS), private=private)
    return httpx.Client(transport=transport, timeout=TIMEOUT, follow_redirects=False)


def resolve(host: str, port: int) -> Iterable[str]:
    """Every address of a host; raises OSError."""
    return [str(found[4][0]) for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


def is_public(address: Address) -> bool:
    """Whether an address lies on the open internet, also when it is an IPv4 one in IPv6 clothes."""
    if isinstance(address, IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)
        if inner:
            return is_public(inner)
    elif int(address) in CARRIER_NAT:
        return False
    return address.is_global and not address.is_multicast


class Guarded(httpx.BaseTransport):
    """Resolves a host once, refuses what is not public, and calls the very address it checked."""

    def __init__(self, inner: httpx.BaseTransport, *, private: bool, resolver: Resolver = resolve) -> None:
        self._inner, self._private, self._resolver = inner, private, resolver

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Pass the request on to the checked address; raises Refused before anything is sent."""
        if not self._private:
            request = self._pinned(request)
        response = self._inner.handle_request(request)
        response.stream = _Capped(response.stream)
        return response

    def close(self) -> None:
        """Close the connections."""
        self._inner.close()

    def _pinned(self, request: httpx.Request) -> httpx.Request:
        host = request.url.host
        if request.url.scheme != "https":
            raise Refused("only https addresses are called", request=request)
        try:
            addresses = list(self._resolver(host, request.url.port or 443))
        except OSError as error:
            raise Refused(f"{host} has no address: {error}", request=request) from error
        if not addresses or not all(is_public(ip_address(address.partition("%")[0])) for address in addresses):
            raise Refused(f"{host} is not an address on the open internet", request=request)
        # The Host header was set from the name when the request was made; the certificate is checked against it too.
        return httpx.Request(
            request.method,
            request.url.copy_with(host=addresses[0]),
            headers=request.headers,
            stream=request.stream,
            extensions={**request.extensions, "sni_hostname": host},
        )


class _Capped(httpx.SyncByteStream):
    def __init__(self, inner: httpx.SyncByteStream | httpx.AsyncByteStream) -> None:
        assert isinstance(inner, httpx.SyncByteStream)
        self._inner = inner
        self._until = time.monotonic() + LONGEST_ANSWER

    def __iter__(self) -> Iterator[bytes]:
        seen = 0
        for chunk in self._inner:
            seen += len(chunk)
            if seen > LARGEST_ANSWER:
                raise AnswerTooLong("the answer is too long")
            if time.monotonic() > self._until:
                raise httpx.ReadTimeout("the answer took too long")
            yield chunk

    def close(self) -> None:
        self._inner.close()
