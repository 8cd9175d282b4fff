"""What was truly signed in a world: read and verified without a line of the product's."""

import base64
import gzip
import hashlib
import json
import zlib
from collections.abc import Iterable, Mapping
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

DIRECTOR, CONTENT = "director", "content"
MANIFEST, COMMAND, WORDS = (f"application/vnd.loa.{one}.v1+json" for one in ("manifest", "command", "announcement"))


class Seals:
    """Which sounds anybody has put a key to: for a place, an airing; for its words, their clips."""

    def __init__(self, keys: Mapping[str, bytes]) -> None:
        self._keys = keys
        self._seen: set[bytes] = set()
        self._airings: set[tuple[str, str, str]] = set()
        """Place ("d:…", "u:…", "g:…"), airing, reference of the words."""
        self._clips: dict[str, frozenset[str]] = {}
        """By reference."""

    def learn(self, said: Iterable[bytes]) -> None:
        """Look at everything that was said."""
        for raw in said:
            if raw not in self._seen:
                self._seen.add(raw)
                self._look(raw)

    def backs(self, places: Iterable[str], airing: str, clips: Iterable[str]) -> bool:
        """Whether a director named this airing for one of these places, and a content key these clips in its words."""
        wanted = set(clips)
        mine = set(places)
        return any(
            wanted <= self._clips.get(reference, frozenset())
            for place, named, reference in self._airings
            if place in mine and named == airing
        )

    def _look(self, raw: bytes) -> None:
        try:
            raw = gzip.decompress(raw) if raw.startswith(b"\x1f\x8b") else raw
            found = json.loads(raw)
        except (ValueError, OSError, EOFError, zlib.error):
            return
        if not isinstance(found, dict):
            return
        if "command" in found:
            self._look(base64.b64decode(found["command"]))
            if found.get("announcement"):
                self._look(base64.b64decode(found["announcement"]))
            return
        role = self._role(found)
        if role is None:
            return
        said, kind = json.loads(base64.b64decode(found["payload"])), found["payloadType"]
        if role == DIRECTOR and kind == MANIFEST:
            self._note(f"d:{said['device']}", said["items"])
        elif role == DIRECTOR and kind == COMMAND and "item" in said:
            self._note(said["to"], [said["item"]])
        elif role == CONTENT and kind == WORDS:
            reference = f"sha256:{hashlib.sha256(raw).hexdigest()}"
            clips = [one["clip"]["sha256"] for one in said["versions"] if one["clip"]]
            self._clips[reference] = frozenset(clips)

    def _note(self, place: str, items: Iterable[Mapping[str, Any]]) -> None:
        self._airings |= {(place, item["airing"], item["announcement"]) for item in items}

    def _role(self, envelope: Mapping[str, Any]) -> str | None:
        """In which role this was signed; None = by nobody."""
        if envelope.keys() != {"payload", "payloadType", "signatures"}:
            return None
        kind, body = envelope["payloadType"].encode(), base64.b64decode(envelope["payload"])
        message = b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(body), body)
        for signature in envelope["signatures"]:
            public = self._keys.get(signature["keyid"])
            if public is None:
                return None
            try:
                Ed25519PublicKey.from_public_bytes(public).verify(base64.b64decode(signature["sig"]), message)
            except InvalidSignature:
                return None
            return str(signature["keyid"]).partition("-")[0]
        return None
