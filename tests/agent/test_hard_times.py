"""The agent when disk, certificate, configuration or broadcaster fail it: clear, quiet, and back by itself."""

import compileall
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from queue import SimpleQueue

import pytest

import device_agent
import firmware_config
from device_agent.agent import Agent
from device_agent.boot import assemble
from device_agent.mail import Leave, Mailbox
from device_agent.problems import Problem
from device_agent.settings import Settings, from_config
from firmware_config.device_config import load
from firmware_config.protocol import ClipRef, Event, Klass, SpokenVersion
from tests.agent.mqtt_side import MqttSide, eventually
from tests.agent.processes import QUICK, running_agent
from tests.agent.station import NEVER, Station, announcement, item, now_ms
from tests.broker import RunningBroker

pytestmark = [pytest.mark.whole, pytest.mark.xdist_group("agent")]


def plan(station: Station, clip: tuple[ClipRef, bytes], klass: Klass = Klass.NORMAL) -> None:
    station.add_clip(*clip)
    of = station.announce(announcement(SpokenVersion("vi", "Xin chào bà con", clip[0]), klass=klass, now=now_ms()))
    station.plan(item("airing-1", of, start=now_ms(), klass=klass))


def settings_of(config: Path) -> Settings:
    return from_config(load(config), QUICK)


@contextmanager
def living(settings: Settings) -> Iterator[Agent]:
    """A speaker at work in this process, asked to leave at the end."""
    mailbox: Mailbox = Mailbox()
    agents: SimpleQueue[Agent] = SimpleQueue()

    def live() -> None:
        agent = Agent(settings, assemble(settings, mailbox))
        agents.put(agent)
        agent.run()

    thread = threading.Thread(target=live, daemon=True)
    thread.start()
    agent = agents.get(timeout=30)
    try:
        yield agent
    finally:
        mailbox.put(Leave())
        thread.join(10)
        agent.desk.parts.lock.close()


def loa_agent(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "device_agent", *arguments], capture_output=True, text=True, timeout=30, check=False
    )


def test_a_disk_that_takes_nothing_silences_and_when_it_does_again_the_airing_plays(
    station: Station, two_seconds: tuple[ClipRef, bytes]
) -> None:
    mailbox: Mailbox = Mailbox()
    agents: list[Agent] = []
    full = threading.Event()

    def live() -> None:
        settings = settings_of(station.bundle(sink="silent"))
        parts = assemble(settings, mailbox)
        begin = parts.journal.writing

        def writing(*, urgent: bool = False) -> object:
            parts.journal._db.execute(f"PRAGMA query_only={int(full.is_set())}")
            return begin(urgent=urgent)

        parts.journal.writing = writing  # type: ignore[method-assign, assignment]
        agents.append(Agent(settings, parts))
        agents[0].run()
        parts.lock.close()

    thread = threading.Thread(target=live)
    thread.start()
    eventually(lambda: station.receipts)
    full.set()
    plan(station, two_seconds)
    eventually(lambda: Problem.DISK_READ_ONLY in agents[0].desk.problems)
    assert station.events("airing-1") == []
    full.clear()
    station.wait_for("airing-1", Event.HEARD)
    assert Problem.DISK_READ_ONLY not in agents[0].desk.problems
    mailbox.put(Leave())
    thread.join(5)
    assert not thread.is_alive()


def test_on_a_full_disk_an_emergency_is_heard_and_nothing_else(
    station: Station, two_seconds: tuple[ClipRef, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    with living(settings_of(station.bundle(sink="silent"))) as agent:
        eventually(lambda: station.receipts)
        plan(station, two_seconds)
        station.wait_for("airing-1", Event.HEARD)
        monkeypatch.setattr("device_agent.journal.LEAST_FREE_BYTES", 1 << 62)
        words = {
            klass: station.announce(announcement(SpokenVersion("vi", "Lũ", two_seconds[0]), klass=klass, now=now_ms()))
            for klass in (Klass.NORMAL, Klass.EMERGENCY)
        }
        normal = item("normal", words[Klass.NORMAL], start=now_ms())
        emergency = item("emergency", words[Klass.EMERGENCY], start=now_ms() + 2_000, klass=Klass.EMERGENCY)
        station.plan(normal, emergency)
        started = station.wait_for("emergency", Event.STARTED)
        assert Problem.DISK_FULL in agent.desk.problems
        station.wait_for("emergency", Event.HEARD)
        normally = [one for one in station.receipts if one.airing == "normal" and one.event is Event.STARTED]
        assert all(one.seq > started.seq for one in normally)
        monkeypatch.setattr("device_agent.journal.LEAST_FREE_BYTES", 0)
        station.wait_for("normal", Event.HEARD)
        eventually(lambda: Problem.DISK_FULL not in agent.desk.problems)


def test_a_disk_that_fills_while_something_sounds_still_learns_how_it_ended(
    station: Station, two_seconds: tuple[ClipRef, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    with living(settings_of(station.bundle(sink="silent"))) as agent:
        eventually(lambda: station.receipts)
        plan(station, two_seconds)
        eventually(lambda: (playing := agent.desk.state.playing) is not None and playing.sounding)
        monkeypatch.setattr("device_agent.journal.LEAST_FREE_BYTES", 1 << 62)
        eventually(lambda: agent.desk.state.playing is None)
        eventually(lambda: agent.desk.state.ledger["airing-1"].over)
        assert not agent.desk.events


def test_on_a_full_disk_an_emergency_can_be_taken_back(
    station: Station, two_seconds: tuple[ClipRef, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    with living(settings_of(station.bundle(sink="silent"))):
        eventually(lambda: station.receipts)
        station.add_clip(*two_seconds)
        of = announcement(SpokenVersion("vi", "Lũ", two_seconds[0]), klass=Klass.EMERGENCY, now=now_ms())
        words = station.announce(of)
        station.plan(item("repeat", words, start=now_ms() + 6_000, klass=Klass.EMERGENCY))
        station.wait_for("repeat", Event.STORED)
        monkeypatch.setattr("device_agent.journal.LEAST_FREE_BYTES", 1 << 62)
        station.plan(cancelled=("repeat",))
        station.wait_for("repeat", Event.CANCELLED)
        assert Event.STARTED not in station.events("repeat")


def test_a_disk_that_is_full_at_the_start_is_waited_for(station: Station, two_seconds: tuple[ClipRef, bytes]) -> None:
    plan(station, two_seconds)
    mailbox: Mailbox = Mailbox()
    config = station.bundle(sink="silent")
    parts, path = assemble(settings_of(config), mailbox), config.parent / "data/journal.sqlite"
    parts.journal._db.close()
    parts.journal._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    parts.journal._db.execute("PRAGMA query_only=1")
    agent = Agent(settings_of(config), parts)
    thread = threading.Thread(target=agent.run)
    thread.start()
    eventually(lambda: Problem.DISK_READ_ONLY in agent.desk.problems)
    assert thread.is_alive()
    parts.journal._db.execute("PRAGMA query_only=0")
    station.wait_for("airing-1", Event.HEARD)
    assert station.receipts[0].event is Event.BOOTED
    mailbox.put(Leave())
    thread.join(10)
    parts.lock.close()


def test_a_lost_journal_is_the_first_thing_it_says(station: Station) -> None:
    config = station.bundle(sink="silent")
    (config.parent / "data").mkdir()
    (config.parent / "data/journal.sqlite").write_bytes(b"no journal at all" * 1_000)
    parts = assemble(settings_of(config), Mailbox())
    assert next((one.event, one.reason) for one in parts.booted.news) == (Event.GAP, "journal_lost")
    parts.journal.close()
    parts.lock.close()


def test_a_journal_of_a_later_version_makes_it_mute_and_it_says_so(
    station: Station, broker: RunningBroker, mqtt_side: MqttSide, two_seconds: tuple[ClipRef, bytes]
) -> None:
    config = station.bundle(brokers=(f"localhost:{broker.port}",))
    plan(station, two_seconds)
    with running_agent(config) as agent:
        eventually(lambda: station.receipts)
        agent.stop()
    subprocess.run([sys.executable, "-c", _SPOIL, str(config.parent / "data/journal.sqlite")], check=True, timeout=10)
    count = len(station.receipts)
    with running_agent(config) as agent:
        eventually(lambda: mqtt_side.states and mqtt_side.states[-1].problems == (Problem.JOURNAL_NEWER,))
        assert agent.stop() == 0
    assert len(station.receipts) == count


_SPOIL = """
import sqlite3, sys
db = sqlite3.connect(sys.argv[1])
db.execute("PRAGMA user_version=99")
db.close()
"""


def test_without_a_usable_certificate_the_plan_on_disk_still_plays(
    station: Station, two_seconds: tuple[ClipRef, bytes]
) -> None:
    config = station.bundle()
    plan(station, two_seconds)
    (config.parent / "tls/speaker.pem").write_text("broken")
    with running_agent(config) as agent:
        station.wait_for("airing-1", Event.HEARD)
        agent.stop()
    assert any("certificate_unusable" in line for line in agent.log)


def test_outside_its_hours_the_real_speaker_refuses_too(station: Station, two_seconds: tuple[ClipRef, bytes]) -> None:
    config = station.bundle(sink="silent")
    object.__setattr__(station.manifest, "rules", (NEVER,))
    plan(station, two_seconds)
    with running_agent(config):
        assert station.wait_for("airing-1", Event.REFUSED).reason == "outside_hours"


def test_an_emergency_whose_clip_is_gone_is_spoken_on_board(
    station: Station, two_seconds: tuple[ClipRef, bytes]
) -> None:
    config = station.bundle()
    plan(station, two_seconds, Klass.EMERGENCY)
    station.clips.clear()
    with running_agent(config):
        heard = station.wait_for("airing-1", Event.HEARD)
    assert (heard.reason, heard.fallback) == ("spoken_on_board", True)
    assert heard.evidence is not None
    assert heard.evidence.level > -4_500


def test_two_agents_never_share_a_data_folder(station: Station) -> None:
    config = station.bundle(sink="silent")
    with running_agent(config):
        eventually(lambda: station.receipts)
        second = loa_agent("run", "--config", str(config))
    assert second.returncode == 78
    assert "another agent" in second.stderr


def spoil_key(folder: Path) -> None:
    (folder / "signing/speaker.key").write_text("no key")


def lose_root(folder: Path) -> None:
    (folder / "signing/root.pub").unlink()


def misspell(folder: Path) -> None:
    config = folder / "config.toml"
    config.write_text(config.read_text().replace("[sound]", "[sond]"))


@pytest.mark.parametrize(
    ("damage", "words"), [(spoil_key, "signing key"), (lose_root, "root key"), (misspell, "did you mean")]
)
def test_what_must_be_mended_first_is_named(station: Station, damage: Callable[[Path], None], words: str) -> None:
    config = station.bundle(sink="silent")
    damage(config.parent)
    found = loa_agent("run", "--config", str(config))
    assert found.returncode == 78
    assert words in found.stderr


def test_the_technician_hears_a_file(station: Station, two_seconds: tuple[ClipRef, bytes], tmp_path: Path) -> None:
    config = station.bundle()
    (tmp_path / "tone.ogg").write_bytes(two_seconds[1])
    found = loa_agent("play", "--config", str(config), str(tmp_path / "tone.ogg"), "--volume", "100")
    assert found.returncode == 0
    assert found.stdout.startswith("2.0 s, level -15.")
    assert loa_agent("play", "--config", str(config), str(tmp_path / "no.ogg")).returncode == 1


def test_it_stays_below_its_budget_of_memory(
    station: Station, broker: RunningBroker, mqtt_side: MqttSide, two_seconds: tuple[ClipRef, bytes]
) -> None:
    # An installed speaker has its modules compiled; compiling them at the start would leave 5 MB behind.
    for package in (device_agent, firmware_config):
        compileall.compile_dir(package.__path__[0], quiet=1)
    config = station.bundle(brokers=(f"localhost:{broker.port}",))
    plan(station, two_seconds)
    mqtt_side.publish_manifest()
    with running_agent(config) as agent:
        station.wait_for("airing-1", Event.HEARD)
        status = Path(f"/proc/{agent.process.pid}/status").read_text()
    resident = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS"))
    print(f"resident after one airing over TLS: {resident} kB")
    assert resident < 45_000
