"""The doctor: what is well, what is not and what to do, in words a technician reads on the pole."""

import json
import re
import string
from dataclasses import replace
from pathlib import Path

import pytest

from device_agent import doctor
from device_agent.boot import take_lock
from device_agent.finding import alarmed, sentences
from device_agent.health import PROGRAMS
from device_agent.settings import Settings, from_config
from firmware_config import pki
from firmware_config.alarms import LANGUAGES, alarms
from firmware_config.device_config import load
from tests.agent.station import Station
from tests.agent.test_hard_times import loa_agent
from tests.broker import RunningBroker

pytestmark = pytest.mark.broker

ROOT = Path(__file__).parents[2]
SOURCES = "".join((ROOT / f"device_agent/{name}.py").read_text(encoding="utf-8") for name in ("doctor", "tone_test"))


def settings_of(config: Path) -> Settings:
    return from_config(load(config), {})


Capture = pytest.CaptureFixture[str]


def examined(capsys: Capture, settings: Settings, *, tone: bool = False) -> dict[str, dict[str, object]]:
    """Each finding by its name, as a program is told."""
    status = doctor.examine(settings, as_json=True, tone=tone)
    found = json.loads(capsys.readouterr().out)
    assert status == int(not all(one["well"] for one in found))
    return {one["what"]: one for one in found}


def test_a_well_speaker_from_the_command(station: Station, broker: RunningBroker) -> None:
    config = station.bundle(brokers=(f"localhost:{broker.port}",), sink="silent")
    found = loa_agent("doctor", "--config", str(config))
    lines = found.stdout.splitlines()
    assert len(lines) >= 8
    assert f"✓ Trạm tin localhost:{broker.port} trả lời (TLSv1.3)." in lines
    assert f"✓ Máy chủ {station.url} trả lời và nhận ra loa này." in lines
    ill = [line for line in lines if line.startswith("✗")]
    assert all("giờ" in line or "bộ nhớ" in line.lower() for line in ill)
    assert found.returncode == int(bool(ill))
    assert len([line for line in lines if line.startswith("  → ")]) == len(ill)


def test_it_speaks_three_languages(station: Station) -> None:
    config = station.bundle(sink="silent")
    (config.parent / "tls/speaker.pem").write_text("broken")
    for language, words in (
        ("vi", "Xin bộ cấu hình mới"),
        ("en", "Ask for a new bundle"),
        ("fr", "Demandez un nouveau"),
    ):
        found = loa_agent("doctor", "--config", str(config), "--language", language, "--no-tone")
        assert found.returncode == 1
        assert words in found.stdout


def test_each_thing_that_is_ill_is_said_as_the_pages_say_it(
    station: Station, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = settings_of(station.bundle(brokers=("localhost:1",), sink="silent"))
    settings = replace(settings, urls=("http://127.0.0.1:1",))
    monkeypatch.setenv("PATH", "/nowhere")
    found = examined(capsys, settings)
    for code in ("broker_unreachable", "server_unreachable", *(problem.value for _, problem in PROGRAMS)):
        assert not found[code]["well"]
        assert str(found[code]["says"]).startswith(alarms()[code].says("vi"))
        assert found[code]["cure"] == alarms()[code].cure("vi")


def test_a_server_that_does_not_know_it_is_named(station: Station, capsys: pytest.CaptureFixture[str]) -> None:
    settings = settings_of(station.bundle(sink="silent"))
    station.speaker_key = pki.new_signing_key()
    assert "HTTP 401" in str(examined(capsys, settings)["server_refuses"]["says"])


def test_a_tone_is_played_and_measured(station: Station, capsys: pytest.CaptureFixture[str]) -> None:
    settings = settings_of(station.bundle(sink="wav:sound"))
    said = str(examined(capsys, settings, tone=True)["tone_good"]["says"])
    level = float(re.findall(r"-[0-9.]+", said)[0])
    assert -40 < level < -10
    [file] = (settings.data.parent / "sound").glob("*-test.wav")
    assert file.stat().st_size > 90_000
    assert examined(capsys, settings)["tone_not_asked"]["well"]


def test_a_tone_is_not_forced_upon_a_running_agent(station: Station, capsys: pytest.CaptureFixture[str]) -> None:
    settings = settings_of(station.bundle(sink="wav:sound"))
    settings.data.mkdir(parents=True)
    with take_lock(settings.data / "agent.lock"):
        found = examined(capsys, settings, tone=True)
    assert not found["tone_while_running"]["well"]
    assert "systemctl stop" in str(found["tone_while_running"]["cure"])


def test_a_card_that_takes_nothing_is_said(station: Station, capsys: pytest.CaptureFixture[str]) -> None:
    settings = settings_of(station.bundle(sink="wav:/proc/nowhere"))
    assert not examined(capsys, settings, tone=True)["no_sound_card"]["well"]


def test_a_person_is_asked_before_anything_sounds(
    station: Station, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = settings_of(station.bundle(sink="wav:sound"))
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    for answer, words in (("c", "Đã phát tiếng thử"), ("", "Chưa phát tiếng thử")):
        monkeypatch.setattr("builtins.input", lambda _asked, answer=answer: answer)
        doctor.examine(settings)
        assert words in capsys.readouterr().out


def test_every_sentence_is_there_in_each_language_with_the_same_places() -> None:
    for name, said in sentences().items():
        assert set(said) == set(LANGUAGES), name
        places = {
            language: [field for text in texts for _, field, _, _ in string.Formatter().parse(text) if field]
            for language, texts in said.items()
        }
        assert places["vi"] == places["en"] == places["fr"], name
        assert len({len(texts) for texts in said.values()}) == 1, name


def test_what_the_doctor_says_is_written_down() -> None:
    own = set(re.findall(r"(?:well|ill|sentence)\(\"([a-z_]+)\"", SOURCES))
    assert own <= set(sentences())
    assert set(re.findall(r"alarmed\(\"([a-z_]+)\"", SOURCES)) <= set(alarms())
    cured = {name for name, said in sentences().items() if len(said["vi"]) == 2}
    assert set(re.findall(r" ill\(\"([a-z_]+)\"", SOURCES)) <= cured
    assert alarmed("from_tomorrow").words("vi").cure
