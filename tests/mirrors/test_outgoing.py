"""The guarded client calls public https addresses only, and the very one it checked."""

from ipaddress import ip_address

import httpx
import pytest

from broadcaster.mirrors.outgoing import LARGEST_ANSWER, Guarded, is_public

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
        "240.0.0.1",
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


def test_an_endless_answer_is_cut_off() -> None:
    with pytest.raises(httpx.ReadError, match="too long"):
        call("https://chat.example/x", "1.1.1.1", body=b"x" * (LARGEST_ANSWER + 1))
