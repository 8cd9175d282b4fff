"""A speaker whose journal cannot be used makes no sound, but says over the link why."""

import logging
import queue
import time

from device_agent.boot import new_boot, tls_context
from device_agent.link import Link, secure_dial
from device_agent.mail import Leave, LinkUp, Mailbox
from device_agent.senses import REAL
from device_agent.settings import AGENT, Settings
from firmware_config.protocol import GENESIS, ClockState, State, topics

_log = logging.getLogger(__name__)

RETRY_S = 60.0


def stay_mute(settings: Settings, mailbox: Mailbox, code: str) -> bool:
    """Report the problem until it is time to try again (True) or to leave (False)."""
    _log.error("action=mute problem=%s", code)
    boot = new_boot(REAL)
    context, _ = tls_context(settings)
    dial = None if context is None else secure_dial(settings.device, context)
    link = Link(settings.device, boot=boot, brokers=settings.brokers, dial=dial, mailbox=mailbox)
    link.start()
    try:
        return _wait(settings, mailbox, link, _report(settings, boot, code))
    finally:
        link.close()


def _wait(settings: Settings, mailbox: Mailbox, link: Link, report: State) -> bool:
    until = time.monotonic() + RETRY_S
    while (left := until - time.monotonic()) > 0:
        try:
            letter = mailbox.get(timeout=left)
        except queue.Empty:
            return True
        if isinstance(letter, Leave):
            return False
        if isinstance(letter, LinkUp):
            link.publish(topics.state(settings.device), report.to_bytes(), retain=True)
    return True


def _report(settings: Settings, boot: str, code: str) -> State:
    return State(
        device=settings.device,
        epoch=0,
        version=0,
        sha256="",
        clock=ClockState.UNTRUSTED,
        cache_bytes=0,
        volume=0,
        agent=AGENT,
        head_seq=0,
        head_hash=GENESIS,
        boot=boot,
        problems=(code,),
    )
