"""The guarded client: public https addresses only, resolved once at each hop, little patience, small answers."""

import logging
import re
import socket
import ssl
import time
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

import httpx

# httpx logs every address at INFO, and a bot token is part of its address.
logging.getLogger("httpx").setLevel(logging.WARNING)

TIMEOUT = httpx.Timeout(10.0, connect=5.0)
# Connections are kept by address; two names behind one address must not share one.
LIMITS = httpx.Limits(max_connections=200, max_keepalive_connections=0)
LARGEST_ANSWER = 65_536
# A server that drips its answer byte by byte never meets the timeout between two reads.
LONGEST_ANSWER = 20.0
LARGEST_FEED, LONGEST_FEED, FEED_REDIRECTS = 524_288, 8.0, 3
# Carriers' own addresses, those of protocols, and prefixes of translators within a network (RFC 8215, RFC 7915).
INSIDE = (
    IPv4Network("100.64.0.0/10"),
    IPv4Network("192.0.0.0/24"),
    IPv6Network("64:ff9b:1::/48"),
    IPv6Network("::ffff:0:0:0/96"),
)
# Behind these prefixes stands an IPv4 address: translated (RFC 6052), or an old way of writing one (RFC 4291).
TRANSLATED = (IPv6Network("64:ff9b::/96"), IPv6Network("::/96"))
# 2130706433, 017700000001, 0x7f.1: ways to write an address that a resolver understands and a reader does not.
NUMBER_LIKE = re.compile(r"(0x[0-9a-f]*|[0-9]+)(\.(0x[0-9a-f]*|[0-9]+))*\.?", re.IGNORECASE)

Address = IPv4Address | IPv6Address
Resolver = Callable[[str, int], Iterable[str]]


class Refused(httpx.ConnectError):
    """The address may not be called; nothing was sent."""


class AnswerTooLong(httpx.ReadError):
    """The other side answered with more than we read."""


def client(
    *,
    private: bool = False,
    redirects: int = 0,
    largest: int = LARGEST_ANSWER,
    longest: float = LONGEST_ANSWER,
    pinned: str = "",
) -> httpx.Client:
    """A client for one caller; `private` also allows http and addresses of this machine and its network.

    It follows so many `redirects`, each checked like the first address, and reads `largest` bytes in `longest` seconds.
    A `pinned` certificate (PEM) is the only one believed. Raises ValueError for one that is none.
    """
    inner = httpx.HTTPTransport(limits=LIMITS, verify=_only(pinned) if pinned else _usual())
    transport = Guarded(inner, private=private, largest=largest, longest=longest)
    return httpx.Client(
        transport=transport, timeout=TIMEOUT, follow_redirects=redirects > 0, max_redirects=max(redirects, 1)
    )


def feed_clients(*, private: bool) -> Callable[[str], httpx.Client]:
    """How clients for feeds of alerts are made, each with the certificate it believes alone or none.

    A feed may move, and is larger than a chat's answer.
    """
    return lambda pinned: client(
        private=private, redirects=FEED_REDIRECTS, largest=LARGEST_FEED, longest=LONGEST_FEED, pinned=pinned
    )


@cache
def _usual() -> ssl.SSLContext:
    """Who is believed elsewhere, read once: it takes longer than all else about a client."""
    return httpx.create_ssl_context()


def _only(certificate: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    # The server's own certificate may stand for itself, without the authority that issued it.
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    try:
        context.load_verify_locations(cadata=certificate)
    except (ssl.SSLError, TypeError) as error:
        raise ValueError("not a certificate") from error
    return context


def web_address(url: str) -> str:
    """The address, if a channel may be told to call it; raises ValueError with one sentence."""
    try:
        parsed = httpx.URL(url)
    except httpx.InvalidURL:
        raise ValueError("the address cannot be read") from None
    if parsed.scheme not in {"http", "https"} or not parsed.host:
        raise ValueError("the address must begin with https://")
    return url


def resolve(host: str, port: int) -> Iterable[str]:
    """Every address of a host; raises OSError."""
    return [str(found[4][0]) for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


def is_public(address: Address) -> bool:
    """Whether an address lies on the open internet, also when it is an IPv4 one in IPv6 clothes."""
    if any(address in network for network in INSIDE):
        return False
    if isinstance(address, IPv6Address):
        if any(address in prefix for prefix in TRANSLATED):
            return is_public(IPv4Address(int(address) & 0xFFFFFFFF)) and int(address) >> 32 != 0
        inner = address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)
        if inner:
            return is_public(inner)
        if address.is_site_local:
            return False
    return address.is_global and not address.is_multicast


class Guarded(httpx.BaseTransport):
    """Resolves a host once, refuses what is not public, and calls the very address it checked."""

    def __init__(
        self,
        inner: httpx.BaseTransport,
        *,
        private: bool,
        resolver: Resolver = resolve,
        largest: int = LARGEST_ANSWER,
        longest: float = LONGEST_ANSWER,
    ) -> None:
        self._inner, self._private, self._resolver = inner, private, resolver
        self._largest, self._longest = largest, longest

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Pass the request on to the checked address; raises Refused before anything is sent."""
        try:
            if not self._private:
                request = self._pinned(request)
            response = self._inner.handle_request(request)
        except UnicodeError as error:
            raise Refused(f"no host has such a name: {error}", request=request) from error
        response.stream = _Capped(response.stream, self._largest, self._longest)
        return response

    def close(self) -> None:
        """Close the connections."""
        self._inner.close()

    def _pinned(self, request: httpx.Request) -> httpx.Request:
        host = request.url.host
        if request.url.scheme != "https":
            raise Refused("only https addresses are called", request=request)
        if NUMBER_LIKE.fullmatch(host) and not _is_plain(host):
            raise Refused(f"{host} is not an address on the open internet", request=request)
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


def _is_plain(host: str) -> bool:
    try:
        return str(IPv4Address(host)) == host
    except ValueError:
        return False


class _Capped(httpx.SyncByteStream):
    def __init__(self, inner: httpx.SyncByteStream | httpx.AsyncByteStream, largest: int, longest: float) -> None:
        assert isinstance(inner, httpx.SyncByteStream)
        self._inner, self._largest = inner, largest
        self._until = time.monotonic() + longest

    def __iter__(self) -> Iterator[bytes]:
        seen = 0
        for chunk in self._inner:
            seen += len(chunk)
            if seen > self._largest:
                raise AnswerTooLong("the answer is too long")
            if time.monotonic() > self._until:
                raise httpx.ReadTimeout("the answer took too long")
            yield chunk

    def close(self) -> None:
        self._inner.close()
