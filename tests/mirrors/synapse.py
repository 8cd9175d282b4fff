"""A real Matrix server on a free port of this machine, with the accounts of a village."""

import base64
import hashlib
import hmac
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx

NAME = "loa.test"
SECRET = "only-for-tests"
PATIENCE = 60.0
CONFIGURATION = """\
server_name: {name}
pid_file: {folder}/pid
listeners:
  - {{port: {port}, bind_addresses: ["127.0.0.1"], type: http, resources: [{{names: [client, media]}}]}}
database: {{name: sqlite3, args: {{database: {folder}/synapse.db}}}}
log_config: {folder}/log.yaml
media_store_path: {folder}/media
signing_key_path: {folder}/signing.key
registration_shared_secret: {secret}
macaroon_secret_key: {secret}
form_secret: {secret}
trusted_key_servers: []
report_stats: false
url_preview_enabled: false
rc_message: {{per_second: 1000, burst_count: 1000}}
rc_login: {{address: {{per_second: 1000, burst_count: 1000}}, account: {{per_second: 1000, burst_count: 1000}}}}
rc_joins: {{local: {{per_second: 1000, burst_count: 1000}}}}
"""
LOGGING = "version: 1\ndisable_existing_loggers: true\nroot: {level: WARNING, handlers: []}\n"


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody on the server, and what they can do there."""

    user: str
    token: str
    client: httpx.Client

    def call(self, method: str, path: str, **sent: Any) -> Any:
        """One request that succeeds."""
        answer = self.client.request(
            method, f"/_matrix{path}", headers={"authorization": f"Bearer {self.token}"}, **sent
        )
        assert answer.is_success, answer.text
        return answer.json() if "json" in answer.headers.get("content-type", "") else answer.content

    def room(self, *guests: "Account") -> str:
        """A new room in which all of them are."""
        invited = [guest.user for guest in guests]
        made = self.call("POST", "/client/v3/createRoom", json={"preset": "private_chat", "invite": invited})
        room = str(made["room_id"])
        for guest in guests:
            guest.call("POST", f"/client/v3/rooms/{quote(room)}/join", json={})
        return room

    def reads(self, room: str) -> list[dict[str, Any]]:
        """The messages of a room as this account gets them, the oldest first; what was redacted has no content."""
        asked = f"/client/v3/rooms/{quote(room)}/messages?dir=b&limit=100"
        events = [each for each in self.call("GET", asked)["chunk"] if each["type"] == "m.room.message"]
        return list(reversed(events))

    def shown(self, room: str) -> list[str]:
        """The texts of a room after all edits, as a client shows them."""
        events = [event for event in self.reads(room) if "m.new_content" not in event["content"]]
        return [_latest(event)["body"] for event in events if event["content"].get("msgtype") == "m.text"]

    def hears(self, room: str) -> list[bytes]:
        """The sounds that can still be played."""
        sounds = [event["content"] for event in self.reads(room) if event["content"].get("msgtype") == "m.audio"]
        media = [content["url"].removeprefix("mxc://") for content in sounds]
        return [self.call("GET", f"/client/v1/media/download/{each}") for each in media]


def _latest(event: dict[str, Any]) -> dict[str, Any]:
    edit = event.get("unsigned", {}).get("m.relations", {}).get("m.replace")
    content: dict[str, Any] = edit["content"]["m.new_content"] if edit else event["content"]
    return content


@dataclass(frozen=True, slots=True)
class Synapse:
    """Where it listens."""

    url: str
    client: httpx.Client

    def account(self, name: str) -> Account:
        """A new account, made as an administrator of the server makes one."""
        path = "/_synapse/admin/v1/register"
        nonce = self.client.get(path).json()["nonce"]
        signed = "\0".join([nonce, name, "pass-" + name, "notadmin"]).encode()
        mac = hmac.new(SECRET.encode(), signed, hashlib.sha1).hexdigest()
        asked = {"nonce": nonce, "username": name, "password": "pass-" + name, "mac": mac}
        answer = self.client.post(path, json=asked).raise_for_status().json()
        return Account(answer["user_id"], answer["access_token"], self.client)


@contextmanager
def running_synapse(folder: Path) -> Iterator[Synapse]:
    """A server with its own database, until the end of the block."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    file = folder / "homeserver.yaml"
    file.write_text(CONFIGURATION.format(name=NAME, folder=folder, port=port, secret=SECRET))
    (folder / "log.yaml").write_text(LOGGING)
    key = base64.b64encode(secrets.token_bytes(32)).decode().rstrip("=")
    (folder / "signing.key").write_text(f"ed25519 a_1 {key}\n")
    command = [sys.executable, "-W", "ignore", "-m", "synapse.app.homeserver", "-c", str(file)]
    with (folder / "out").open("wb") as out:
        process = subprocess.Popen(command, stdout=out, stderr=out, cwd=folder)
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=20) as client:
            _wait(process, client, folder / "out")
            yield Synapse(f"http://127.0.0.1:{port}", client)
    finally:
        process.terminate()
        process.wait(20)


def _wait(process: "subprocess.Popen[bytes]", client: httpx.Client, out: Path) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until and process.poll() is None:
        try:
            if client.get("/_matrix/client/versions").is_success:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    raise AssertionError(out.read_text())
