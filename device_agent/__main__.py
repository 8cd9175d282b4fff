"""The command `loa-agent`: run the speaker, examine it, sound it."""

import argparse
import gc
import logging
import os
import signal
import sys
from pathlib import Path
from types import FrameType

from device_agent.agent import Agent
from device_agent.boot import CannotStart, assemble
from device_agent.journal import JournalFailed
from device_agent.log_ring import LogRing
from device_agent.mail import Leave, Mailbox
from device_agent.mute import stay_mute
from device_agent.settings import Settings, from_config
from device_agent.technician import open_relay, play_file
from firmware_config.device_config import ConfigError, load

CANNOT_START = 78
"""Exit status for a configuration that must be mended first (sysexits' EX_CONFIG)."""


def main(argv: list[str] | None = None) -> int:
    """Carry out one command; the exit status says how it went."""
    arguments = _parser().parse_args(argv)
    logging.basicConfig(stream=sys.stderr, level=arguments.log.upper(), format="%(asctime)s %(levelname)s %(message)s")
    if arguments.command == "enrol":
        return _enrol(arguments)
    try:
        settings = from_config(load(arguments.config), os.environ)
    except ConfigError as failure:
        print(f"loa-agent: {failure}", file=sys.stderr)
        return CANNOT_START
    work = {"run": _run, "doctor": _doctor, "play": _play, "open-relay": _open_relay}[arguments.command]
    return work(settings, arguments)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="loa-agent", description="A village loudspeaker's own program.")
    parser.add_argument("--log", default="info", choices=("debug", "info", "warning", "error"))
    commands = parser.add_subparsers(dest="command", required=True)
    told = {
        "run": "work until stopped",
        "doctor": "say in words what is well and what is not",
        "play": "play one sound file through the speaker's own output",
        "open-relay": "take the amplifier's power away",
    }
    for name, words in told.items():
        command = commands.add_parser(name, help=words, description=words)
        command.add_argument("--config", type=Path, default=Path("/etc/loa/config.toml"), help="config.toml")
        if name == "doctor":
            command.add_argument("--language", choices=("vi", "en", "fr"), default="vi", help="of what it says")
            command.add_argument("--json", action="store_true", help="a list for programs")
            tone = {"--tone": "play a test tone and measure it, without asking", "--no-tone": "play none, do not ask"}
            for flag, meaning in tone.items():
                command.add_argument(flag, dest="tone", action="store_const", const=flag == "--tone", help=meaning)
        if name == "play":
            command.add_argument("file", type=Path)
            command.add_argument("--volume", type=int, default=60)
    _add_enrol(commands.add_parser("enrol", help="take this box into service with its label"))
    return parser


def _add_enrol(command: argparse.ArgumentParser) -> None:
    command.add_argument("server", help="https://… as it stands on the label")
    command.add_argument("label", help="the 28 letters and digits on it")
    command.add_argument("code", help="its six digits")
    command.add_argument("--to", type=Path, default=Path("/etc/loa"), help="where keys and settings go")
    command.add_argument("--sink", default="aplay:default", help="aplay:<card>, wav:<folder> or silent")
    command.add_argument("--data", type=Path, default=Path("/var/lib/loa"), help="where journal and clips go")
    command.add_argument("--language", choices=("vi", "en", "fr"), default="vi", help="of what it says")


def _run(settings: Settings, _arguments: argparse.Namespace) -> int:
    mailbox: Mailbox = Mailbox()

    def leave(_number: int, _frame: FrameType | None) -> None:
        mailbox.put(Leave())

    signal.signal(signal.SIGTERM, leave)
    signal.signal(signal.SIGINT, leave)
    ring = LogRing(settings.data / "log.txt")
    logging.getLogger().addHandler(ring)
    try:
        return _work(settings, mailbox)
    finally:
        ring.save()


def _work(settings: Settings, mailbox: Mailbox) -> int:
    while True:
        try:
            parts = assemble(settings, mailbox)
        except CannotStart as failure:
            print(f"loa-agent: {failure}", file=sys.stderr)
            return CANNOT_START
        except JournalFailed as failure:
            if not stay_mute(settings, mailbox, failure.code):
                return 0
            continue
        # What was read so far stays; a search for garbage through all of it would hold up the pump while it lasts.
        gc.collect()
        gc.freeze()
        return Agent(settings, parts).run()


def _enrol(arguments: argparse.Namespace) -> int:
    # Needed once in the life of a box.
    from device_agent.enrol import Wish, enrol  # noqa: PLC0415

    given = arguments
    wish = Wish(given.server, given.label, given.code, given.to, given.sink, given.data, given.language)
    return enrol(wish)


def _doctor(settings: Settings, arguments: argparse.Namespace) -> int:
    # A speaker that works does not carry the doctor in its memory.
    from device_agent.doctor import examine  # noqa: PLC0415

    return examine(settings, language=arguments.language, as_json=arguments.json, tone=arguments.tone)


def _play(settings: Settings, arguments: argparse.Namespace) -> int:
    return play_file(settings, arguments.file, arguments.volume)


def _open_relay(settings: Settings, _arguments: argparse.Namespace) -> int:
    return open_relay(settings)


if __name__ == "__main__":
    sys.exit(main())
