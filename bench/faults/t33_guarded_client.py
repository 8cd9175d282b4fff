"""T33: whatever address a feed, a redirect or a name server gives, no connection leaves for one that is not public.

In a network namespace where every address is this machine: what is connected to is seen by a server behind all of
them, and counted by the kernel (Tcp ActiveOpens), which also counts what nobody answers.
"""

from __future__ import annotations

import json
import socket
import ssl
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from unittest.mock import patch

import httpx

from bench.faults.fault import Fault, Outcome, Scale
from broadcaster.mirrors import outgoing
from firmware_config.pki import create_authority

PUBLIC = "1.1.1.1"
INNER = (
    "127.0.0.1", "127.1", "2130706433", "0x7f000001", "0x7f.0.0.1", "0177.0.0.1", "017700000001", "0", "0.0.0.0",  # noqa: S104
    "10.0.0.1", "172.16.0.1", "192.168.1.1", "100.64.0.1", "169.254.169.254", "192.0.0.1", "198.18.0.1", "224.0.0.1",
    "240.0.0.1", "255.255.255.255", "[::1]", "[::]", "[::ffff:127.0.0.1]", "[::ffff:a9fe:a9fe]", "[::7f00:1]",
    "[fd00::1]", "[fe80::1]", "[fec0::1]", "[64:ff9b::7f00:1]", "[2002:7f00:1::]", "[2001:db8::1]", "localhost",
    "a@127.0.0.1", "public.test@10.0.0.1", "inside.test", "mixed.test", "mapped.test", "１２７.０.０.１",
)  # fmt: skip
OTHER = (
    "http://127.0.0.1/",
    "http://public.test/",
    "file:///etc/passwd",
    "gopher://127.0.0.1:70/_x",
    "ftp://10.0.0.1/",
)
NAMES = {
    "public.test": (PUBLIC,),
    "inside.test": ("10.0.0.7",),
    "mixed.test": (PUBLIC, "10.0.0.7"),
    "mapped.test": ("::ffff:10.0.0.7",),
}
REBINDING = "rebind.test"
DIRECT = [f"https://{host}/" for host in INNER] + list(OTHER)
CORPUS = DIRECT + [f"https://public.test/to?{each}" for each in DIRECT] + [f"https://{REBINDING}/{n}" for n in range(8)]


def run(scale: Scale) -> Outcome:
    """The corpus inside a namespace of its own."""
    authority = create_authority("Loa")
    issued = authority.issue("t33", server_names=[*NAMES, REBINDING, PUBLIC])
    for name, content in (
        ("ca", authority.certificate_pem), ("cert", issued.certificate_pem), ("key", issued.key_pem)
    ):  # fmt: skip
        (scale.folder / f"{name}.pem").write_bytes(content)
    command = ["unshare", "--net", sys.executable, "-m", __name__, str(scale.folder)]
    done = subprocess.run(command, capture_output=True, check=False, timeout=300)
    if done.returncode:
        return Outcome(good=False, figure="the namespace ended early", details=done.stderr.decode()[-2000:])
    return judged(json.loads(done.stdout))


def judged(seen: dict[str, Any]) -> Outcome:
    """Good only if the guard let the public one through, and a client without it is seen to go astray."""
    guarded, unguarded = Counter(seen["guarded"]), Counter(seen["unguarded"])
    inner = sum(guarded.values()) - guarded[PUBLIC]
    control = sum(unguarded.values()) - unguarded[PUBLIC]
    unseen = seen["opened"] - sum(guarded.values())
    figure = (
        f"{len(CORPUS)} addresses: {inner} connections to others than public ones, {guarded[PUBLIC]} to the public "
        f"one; the kernel counted {unseen} more; without the guard {control} went inside"
    )
    good = inner == 0 and unseen == 0 and guarded[PUBLIC] > 0 and control > 20 and seen["public"] == 200
    return Outcome(good, figure, json.dumps(seen, indent=1)[:3000] if not good else "")


def inside(folder: Path) -> dict[str, Any]:
    """What is done in the namespace."""
    for command in ("ip link set lo up", "ip route add local default dev lo", "ip -6 route add local default dev lo"):
        subprocess.run(command.split(), check=True)
    called: list[str] = []
    ca = (folder / "ca.pem").read_text()
    with servers(folder, called), patch.object(socket, "getaddrinfo", resolving()):
        with outgoing.client(redirects=3, pinned=ca) as client:
            before = opened()
            public = client.get("https://public.test/").status_code
            everything(client)
            count, guarded = opened() - before, list(called)
        called.clear()
        context = ssl.create_default_context(cadata=ca)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        with httpx.Client(verify=context, follow_redirects=True, timeout=3) as careless:
            everything(careless)
        return {"public": public, "opened": count, "guarded": guarded, "unguarded": list(called)}


def everything(client: httpx.Client) -> None:
    """Ask for the whole corpus; what comes of it does not matter."""
    for url in CORPUS:
        with suppress(httpx.HTTPError, httpx.InvalidURL, ValueError, OSError):
            client.get(url, timeout=3)


def opened() -> int:
    """How many TCP connections this namespace has tried to open."""
    names, values = (
        line.split() for line in Path("/proc/self/net/snmp").read_text().splitlines() if line.startswith("Tcp:")
    )
    return int(values[names.index("ActiveOpens")])


def resolving() -> Any:  # noqa: ANN401  # the shape of getaddrinfo
    """A name server of our own: it knows our names, and says of one of them something else each second time."""
    real, asked = socket.getaddrinfo, Counter[str]()

    def getaddrinfo(host: Any, port: Any, *args: Any, **named: Any) -> list[Any]:  # noqa: ANN401
        name = host.decode() if isinstance(host, bytes) else str(host)
        if name == REBINDING:
            asked[name] += 1
            found: tuple[str, ...] = (PUBLIC,) if asked[name] % 2 else ("10.0.0.9",)
        else:
            found = NAMES.get(name, (name,))
        return [each for address in found for each in real(address, port, *args, **named)]

    return getaddrinfo


@contextmanager
def servers(folder: Path, called: list[str]) -> Iterator[None]:
    """One server behind every address, on the ports of https, http and gopher."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    running = [Server(port, called, context if port == 443 else None) for port in (443, 80, 70)]
    for server in running:
        threading.Thread(target=server.serve_forever, daemon=True).start()
    yield
    for server in running:
        server.shutdown()
        server.server_close()


class Server(ThreadingHTTPServer):
    """Notes which address it was called by."""

    address_family = socket.AF_INET6
    daemon_threads = True

    def __init__(self, port: int, called: list[str], context: ssl.SSLContext | None) -> None:
        self._called, self._context = called, context
        super().__init__(("::", port), Handler)

    def server_bind(self) -> None:
        """On IPv4 and IPv6."""
        self.socket.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        super().server_bind()

    def finish_request(self, request: Any, client_address: Any) -> None:  # noqa: ANN401
        """Note it before anything is said."""
        self._called.append(request.getsockname()[0].removeprefix("::ffff:"))
        with suppress(OSError):
            wrapped = self._context.wrap_socket(request, server_side=True) if self._context else request
            super().finish_request(wrapped, client_address)


class Handler(BaseHTTPRequestHandler):
    """Leads on to whatever its address asks for."""

    def do_GET(self) -> None:
        """`/to?<url>` is a redirect."""
        _, _, onward = self.path.partition("/to?")
        self.send_response(302 if onward else 200)
        if onward:
            self.send_header("location", onward)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Nothing."""


FAULT = Fault(
    "T33",
    "addresses inside: as numbers of every kind, behind names that change, behind redirects, by other protocols",
    "0 connections leave the namespace to non-public addresses, by the kernel's own counter and not by a log",
    run,
    frozenset({"root"}),
)

if __name__ == "__main__":
    print(json.dumps(inside(Path(sys.argv[1]))))
