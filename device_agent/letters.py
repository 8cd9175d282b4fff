"""What the agent does with each kind of letter in its mailbox."""

import logging
from collections.abc import Sequence
from functools import singledispatch

from device_agent import log_ring, mail
from device_agent.courier import PostLog
from device_agent.desk import Desk
from device_agent.effects import Record
from device_agent.events import Cut, Finished
from device_agent.inbox import Asked, Found
from device_agent.problems import Problem
from device_agent.selftest import SELF_TEST, self_test
from firmware_config.protocol import Event, Resync, Resynced, SelfTest, SendLog

_log = logging.getLogger(__name__)


@singledispatch
def read(letter: mail.Mail, _desk: Desk) -> None:
    """Act on one letter; raises JournalFailed, and then it is to be read again."""
    raise TypeError(f"no such mail: {letter!r}")


@read.register
def _link_up(letter: mail.LinkUp, desk: Desk) -> None:
    _log.info("action=link_up broker=%s", letter.broker)
    desk.questions.listen_again()
    desk.problem("link")
    desk.questions.ask()
    desk.parts.outbox.repeat()
    desk.parts.outbox.report(desk.state_report(), again=True)


@read.register
def _link_down(letter: mail.LinkDown, desk: Desk) -> None:
    known = desk.has_problem("link")
    _log.log(logging.DEBUG if known else logging.WARNING, "action=link_down reason=%s", letter.reason)
    if not known:
        desk.problem("link", Problem.BROKER_UNREACHABLE)


@read.register
def _manifest_came(letter: mail.ManifestCame, desk: Desk) -> None:
    _believe(desk.parts.inbox.manifest_came(letter.raw), desk)
    letter.ack()


@read.register
def _live_came(letter: mail.LiveCame, desk: Desk) -> None:
    inbox = desk.parts.inbox
    _believe(inbox.live_came(letter.raw), desk)
    if inbox.holding and not inbox.nonce:
        desk.questions.ask()
    letter.ack()


@read.register
def _announcement_came(letter: mail.AnnouncementCame, desk: Desk) -> None:
    _believe(desk.parts.inbox.announcement_came(letter.reference, letter.raw), desk)


@read.register
def _keys_came(letter: mail.KeysCame, desk: Desk) -> None:
    _believe(desk.parts.inbox.keys_came(letter.raw), desk)


@read.register
def _confirmed(letter: mail.Confirmed, desk: Desk) -> None:
    desk.parts.outbox.confirmed(letter.through)


@read.register
def _path_failed(letter: mail.PathFailed, desk: Desk) -> None:
    desk.problem("path", letter.code)


@read.register
def _heard(letter: mail.Heard, desk: Desk) -> None:
    event = letter.event
    if isinstance(event, Finished | Cut) and event.airing == SELF_TEST:
        reason = "sound" if isinstance(event, Finished) else event.reason or "interrupted"
        if desk.state.playing is None:
            desk.parts.relay.open()
        desk.record(Record(Event.SELF_TEST, reason=reason, evidence=event.evidence))
        return
    desk.events.append(event)


@read.register
def _relay_state(letter: mail.RelayState, desk: Desk) -> None:
    desk.problem("relay", letter.problem)


@read.register
def _sink_state(letter: mail.SinkState, desk: Desk) -> None:
    desk.problem("sink", letter.problem)


@read.register
def _asked_to_leave(_letter: mail.Leave, desk: Desk) -> None:
    desk.leave()


def _believe(found: Sequence[Found], desk: Desk) -> None:
    for one in found:
        if isinstance(one, Record):
            desk.record(one)
        elif not isinstance(one, Asked):
            desk.events.append(one)
        elif isinstance(one.action, Resync):
            desk.questions.ask()
        elif isinstance(one.action, Resynced):
            desk.questions.answered(one.action)
        elif isinstance(one.action, SelfTest):
            self_test(one.action, desk.state, desk.parts, desk.problems)
        elif isinstance(one.action, SendLog):
            _send_log(one.action, desk)


def _send_log(asked: SendLog, desk: Desk) -> None:
    ring = log_ring.current()
    if ring is not None:
        _log.info("action=log_asked request=%s", asked.request)
        desk.parts.courier.send(PostLog(asked.request, ring.packed()))
