"""What goes over the wire: files compressed once and kept for long, pages compressed, tokens never twice the same."""

import gzip
import hashlib
import os
import re
import secrets
from dataclasses import dataclass
from functools import lru_cache
from os import PathLike
from pathlib import Path

from jinja2.ext import Extension
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.staticfiles import NotModifiedResponse, StaticFiles
from starlette.types import Scope

STATIC = Path(__file__).parent / "static"
FILE = re.compile(r"/static/([\w./-]+\.\w+)")
FOR_EVER = "public, max-age=31536000, immutable"
TEXTS = {".css", ".js", ".svg"}
SMALLEST = 600
"""Bytes; what fits into one packet anyway is not compressed."""


@dataclass(frozen=True, slots=True)
class Kept:
    """One file as it is sent."""

    version: str
    plain: bytes
    packed: bytes | None


@lru_cache(maxsize=128)
def _kept(path: str, _changed: int) -> Kept:
    plain = Path(path).read_bytes()
    text = Path(path).suffix in TEXTS
    return Kept(hashlib.sha256(plain).hexdigest()[:12], plain, gzip.compress(plain, 9, mtime=0) if text else None)


def kept(path: str | PathLike[str]) -> Kept:
    """A file, read and compressed when it is first asked for and whenever it has changed."""
    return _kept(os.fspath(path), Path(path).stat().st_mtime_ns)


def address(name: str) -> str:
    """Where a file lies; another content has another address."""
    return f"/static/{name}?v={kept(STATIC / name).version}"


class Addresses(Extension):
    """Templates name our files plainly; when they are compiled, each name becomes its full address."""

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:  # noqa: ARG002
        """Add the version to each file's name. Raises FileNotFoundError for a file there is not."""
        return FILE.sub(lambda found: address(found[1]), source)


class Files(StaticFiles):
    """Our files: those asked for by their full address are never asked for again."""

    def file_response(
        self,
        full_path: PathLike[str] | str,
        stat_result: os.stat_result,
        scope: Scope,
        status_code: int = 200,
    ) -> Response:
        """One file, or that it has not changed."""
        request, file = Request(scope), kept(full_path)
        named = FileResponse(full_path, status_code=status_code, stat_result=stat_result)
        headers = {
            "vary": "accept-encoding",
            "cache-control": FOR_EVER if request.query_params.get("v") == file.version else "no-cache",
        }
        body = file.packed if file.packed and takes_gzip(request.headers) else file.plain
        headers["etag"] = f'"{file.version}"'
        if body is not file.plain:
            headers |= {"content-encoding": "gzip", "etag": f'"{file.version}-gzip"'}
        response = Response(body, status_code, headers, media_type=named.media_type)
        if self.is_not_modified(response.headers, request.headers):
            return NotModifiedResponse(response.headers)
        return response


def takes_gzip(headers: Headers) -> bool:
    """Whether whoever asks unpacks what is compressed."""
    return "gzip" in headers.get("accept-encoding", "")


def pack(request: Request, text: str) -> tuple[bytes, dict[str, str]]:
    """A page's bytes and what its headers say of them.

    Length tells something of a secret when the same page repeats what a stranger chose (BREACH). So the token of the
    forms is masked anew each time, and what another site made the browser ask for is not compressed at all.
    """
    plain = text.encode()
    foreign = request.headers.get("sec-fetch-site", "none") == "cross-site"
    if len(plain) < SMALLEST or foreign or not takes_gzip(request.headers):
        return plain, {}
    return gzip.compress(plain, 6, mtime=0), {"content-encoding": "gzip"}


def mask(token: str) -> str:
    """The token for one answer: noise, and the token under it."""
    plain = token.encode()
    noise = secrets.token_bytes(len(plain))
    return (noise + _mixed(plain, noise)).hex()


def unmask(sent: str) -> str:
    """The token that was masked; nothing for what is none."""
    try:
        both = bytes.fromhex(sent)
    except ValueError:
        return ""
    half = len(both) // 2
    return _mixed(both[half:], both[:half]).decode(errors="replace") if len(both) == 2 * half else ""


def _mixed(one: bytes, other: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(one, other, strict=True))
