"""Somebody at the broker who hears everything and says it again."""

from __future__ import annotations

import ssl
import threading
from dataclasses import dataclass
from pathlib import Path

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

from firmware_config.pki import Authority

NAME = "recorder"
RIGHTS = f"\nuser {NAME}\ntopic readwrite vl/#\n"


@dataclass(frozen=True, slots=True)
class Message:
    """One message as it went over the broker."""

    topic: str
    payload: bytes
    retain: bool


class Recorder:
    """A client with rights to all topics; `RIGHTS` must stand in the broker's rules."""

    def __init__(self, authority: Authority, folder: Path, host: str, port: int) -> None:
        issued = authority.issue(NAME)
        folder.mkdir(parents=True, exist_ok=True)
        for name, pem in (("cert", issued.certificate_pem), ("key", issued.key_pem), ("ca", authority.certificate_pem)):
            (folder / name).write_bytes(pem)
        context = ssl.create_default_context(cafile=folder / "ca")
        context.load_cert_chain(folder / "cert", folder / "key")
        self.tape: list[Message] = []
        self._up = threading.Event()
        self._client = mqtt.Client(CallbackAPIVersion.VERSION2, client_id=NAME, protocol=mqtt.MQTTv311)
        self._client.tls_set_context(context)
        self._client.on_connect = lambda client, *_: client.subscribe("vl/#", qos=1)
        self._client.on_subscribe = lambda *_: self._up.set()
        self._client.on_message = self._note
        self._client.connect(host, port)
        self._client.loop_start()
        assert self._up.wait(30)

    def _note(self, _client: mqtt.Client, _data: object, message: mqtt.MQTTMessage) -> None:
        self.tape.append(Message(message.topic, bytes(message.payload), bool(message.retain)))

    def say(self, topic: str, payload: bytes, *, retain: bool = False) -> None:
        """Publish, and wait until the broker has it."""
        self._client.publish(topic, payload, qos=1, retain=retain).wait_for_publish(10)

    def stop(self) -> None:
        """Go."""
        self._client.disconnect()
        self._client.loop_stop()
