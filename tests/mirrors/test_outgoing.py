"""The guarded client calls public https addresses only, and the very one it checked."""

from ipaddress import ip_address

import httpx
import pytest

from broadcaster.mirrors.outgoing import LARGEST_ANSWER, Guarded, client, is_public

pytestmark = pytest.mark.pure


def call(url: str, *addresses: str, body: bytes = b"") -> httpx.Request:
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, content=iter([body]))

    guarded = Guarded(httpx.MockTransport(answer), private=False, resolver=lambda _host, _port: addresses)
    httpx.Client(transport=guarded).post(url, content=b"x")
    return seen[0]


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1",
        "::1", "::", "fe80::1", "fd00::1", "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "2002:7f00:1::",
        "240.0.0.1", "192.0.0.8", "198.18.0.1", "255.255.255.255", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "::7f00:1",
        "::101:101", "2001:0:4136:e378:8000:63bf:80ff:fffe", "fec0::1", "2001:db8::1",
        "64:ff9b:1::7f00:1", "64:ff9b:1:fffe::101:101", "::ffff:0:7f00:1", "::ffff:0:101:101",
    ],
)  # fmt: skip
def test_an_address_inside_is_not_called(address: str) -> None:
    assert not is_public(ip_address(address))
    with pytest.raises(httpx.ConnectError, match="open internet"):
        call("https://chat.example/x", address)


@pytest.mark.parametrize("address", ["1.1.1.1", "2606:4700::1111"])
def test_a_public_address_is_called_by_number_and_checked_by_name(address: str) -> None:
    request = call("https://chat.example:8443/x", address)
    assert ip_address(request.url.host) == ip_address(address)
    assert request.url.port == 8443
    assert request.headers["host"] == "chat.example:8443"
    assert request.extensions["sni_hostname"] == "chat.example"


def test_one_inner_address_among_public_ones_is_enough_to_refuse() -> None:
    with pytest.raises(httpx.ConnectError):
        call("https://chat.example/x", "1.1.1.1", "10.0.0.1")


def test_plain_http_and_unknown_hosts_are_refused_before_anything_is_sent() -> None:
    with pytest.raises(httpx.ConnectError, match="only https"):
        call("http://chat.example/x", "1.1.1.1")
    with pytest.raises(httpx.ConnectError):
        call("https://chat.example/x")


@pytest.mark.parametrize("private", [False, True])
@pytest.mark.parametrize("host", ["a" * 64 + ".example", ".example"])
def test_a_name_that_no_host_can_have_is_refused(host: str, private: bool) -> None:
    with client(private=private) as caller, pytest.raises(httpx.ConnectError, match="no host has such a name"):
        caller.get(f"https://{host}/x")


def test_an_endless_answer_is_cut_off() -> None:
    with pytest.raises(httpx.ReadError, match="too long"):
        call("https://chat.example/x", "1.1.1.1", body=b"x" * (LARGEST_ANSWER + 1))


@pytest.mark.parametrize(
    "host", ["2130706433", "0x7f000001", "017700000001", "127.1", "0177.0.0.1", "0x7f.0.0.1", "1.1"]
)
def test_an_address_that_is_written_so_that_nobody_reads_it_is_refused(host: str) -> None:
    # Some are no address even to httpx.
    with pytest.raises((httpx.ConnectError, httpx.InvalidURL), match=r"open internet|IPv4"):
        call(f"https://{host}/x", "1.1.1.1")


@pytest.mark.parametrize("address", ["1.1.1.1", "64:ff9b::101:101"])
def test_a_public_address_written_plainly_is_called(address: str) -> None:
    assert is_public(ip_address(address))


def hops(*answers: httpx.Response, addresses: dict[str, list[str]], redirects: int = 3) -> list[str]:
    """Whom a client calls that is sent from one address to the next."""
    called: list[str] = []
    waiting = list(answers)

    def answer(request: httpx.Request) -> httpx.Response:
        called.append(f"{request.url.host} {request.headers['host']}")
        return waiting.pop(0)

    def resolver(host: str, _port: int) -> list[str]:
        known = addresses[host]
        return [known.pop(0)] if len(known) > 1 else known

    guarded = Guarded(httpx.MockTransport(answer), private=False, resolver=resolver)
    with httpx.Client(transport=guarded, follow_redirects=True, max_redirects=redirects) as client:
        try:
            client.get("https://feed.example/a")
        except httpx.HTTPError as error:
            called.append(type(error).__name__)
    return called


def to(place: str) -> httpx.Response:
    return httpx.Response(302, headers={"location": place})


@pytest.mark.parametrize(
    "place",
    ["https://inside.example/", "https://127.0.0.1/", "https://[::1]/", "http://feed.example/b", "//inside.example/x"],
)
def test_a_redirect_is_checked_like_the_first_address(place: str) -> None:
    known = {"feed.example": ["1.1.1.1"], "inside.example": ["10.0.0.1"], "127.0.0.1": ["127.0.0.1"], "::1": ["::1"]}
    assert hops(to(place), httpx.Response(200), addresses=known) == ["1.1.1.1 feed.example", "Refused"]


@pytest.mark.parametrize("place", ["file:///etc/passwd", "gopher://127.0.0.1:70/", "ftp://feed.example/"])
def test_a_redirect_to_another_protocol_leads_nowhere(place: str) -> None:
    assert hops(to(place), addresses={"feed.example": ["1.1.1.1"]})[1:] in (["Refused"], ["UnsupportedProtocol"])


def test_a_name_that_changes_its_address_is_checked_each_time() -> None:
    known = {"feed.example": ["1.1.1.1", "192.168.1.1"]}
    assert hops(to("/b"), httpx.Response(200), addresses=known) == ["1.1.1.1 feed.example", "Refused"]


def test_redirects_end() -> None:
    found = hops(*[to("/b")] * 5, addresses={"feed.example": ["1.1.1.1"]})
    assert found == ["1.1.1.1 feed.example"] * 4 + ["TooManyRedirects"]


def test_a_pinned_certificate_must_be_one() -> None:
    with pytest.raises(ValueError, match="not a certificate"):
        client(pinned="no certificate")
