"""Bad days with real parts: what cannot start says why, and what runs comes back by itself with nothing lost."""

import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from broadcaster.app import open_ground
from broadcaster.demo import ports
from broadcaster.demo.client import Refused
from broadcaster.demo.commune import COMMUNE
from broadcaster.domain.errors import ERRORS
from broadcaster.services import audit
from broadcaster.settings import Settings
from broadcaster.web.i18n import say
from tests.whole.test_one_announcement import approved, on_air
from tests.whole.town import Town, town

pytestmark = [pytest.mark.whole, pytest.mark.xdist_group("bad-days")]

MOSQUITTO = Path("/usr/sbin/mosquitto")
SHORT = "Mời bà con họp."
LONG = "Mời bà con họp bản tối nay. " * 150


def refuses(
    code: str, *command: str, language: str = "vi", status: int = 1, wrapped: tuple[str, ...] = (), **settings: object
) -> str:
    """The command ends by itself with this code, its sentences in this language, and no trace; what it said."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("LOA_")}
    environment |= {f"LOA_{name.upper()}": str(value) for name, value in settings.items()}
    environment["LOA_LANGUAGE"] = language
    done = subprocess.run(
        [*wrapped, sys.executable, "-m", "broadcaster", *command],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == status, done.stderr
    assert f"({code})" in done.stderr
    assert say(language, ERRORS[code].todo) in done.stderr
    assert "Traceback" not in done.stderr + done.stdout
    return done.stderr


@contextmanager
def mounted(folder: Path, *options: str) -> Iterator[Path]:
    """A small disk of its own at this folder; skips where this machine does not allow it."""
    folder.mkdir(parents=True, exist_ok=True)
    command = ["mount", "-t", "tmpfs", "-o", ",".join(options), "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("a disk of its own needs root and the right to mount")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


@pytest.mark.parametrize(("command", "language"), [("serve", "vi"), ("run", "en")])
def test_a_port_that_is_taken(tmp_path: Path, command: str, language: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        [free] = ports.free(1)
        said = refuses("port_taken", command, language=language, data=tmp_path / "var", port=port, broker_port=free)
    assert str(port) in said


def test_no_broker_program(tmp_path: Path) -> None:
    hidden: tuple[str, ...] = ()
    if MOSQUITTO.exists():
        hidden = ("unshare", "--mount", "sh", "-c", f'mount --bind /dev/null {MOSQUITTO} && exec "$@"', "sh")
        if subprocess.run([*hidden, "true"], capture_output=True, check=False).returncode:
            pytest.skip("hiding the installed broker needs root and the right to mount")
    http, mqtt = ports.free(2)
    said = refuses(
        "no_broker", "serve", language="fr", wrapped=hidden, data=tmp_path / "var", port=http, broker_port=mqtt
    )
    assert "le programme mosquitto n’est pas installé" in said


Damage = Callable[[Path], object]
DAMAGES: dict[str, Damage] = {
    "unreadable": lambda tls: (tls / "server.pem").write_bytes(b"\xff nonsense"),
    "cut off": lambda tls: (tls / "server.key").write_bytes((tls / "server.key").read_bytes()[:40]),
    "of another": lambda tls: shutil.copy(tls / "broadcaster.pem", tls / "server.pem"),
    "gone": lambda tls: (tls / "ca.pem").unlink(),
}


@pytest.mark.parametrize(("damage", "language"), list(zip(DAMAGES, ("vi", "en", "fr", "vi"), strict=True)))
def test_certificates_that_are_broken(tmp_path: Path, damage: str, language: str) -> None:
    http, mqtt = ports.free(2)
    settings = Settings(data=tmp_path / "var", port=http, broker_port=mqtt)
    open_ground(settings).database.dispose()
    DAMAGES[damage](settings.data / "tls")
    said = refuses("broken_certificate", "serve", language=language, data=settings.data, port=http, broker_port=mqtt)
    assert str(settings.data / "tls") in said


def test_settings_nobody_can_read(tmp_path: Path) -> None:
    file = tmp_path / "loa.toml"
    file.write_text("port = = 1\n")
    refuses("settings_unreadable", "serve", language="en", status=78, settings=file)
    assert "LOA_LANGUAGE" not in refuses("unknown_setting", "serve", language="fr", status=78, prot=1)


def test_a_data_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    refuses("file_unusable", "speaker", "list", language="en", data=tmp_path / "file")
    with mounted(tmp_path / "disk", "ro") as disk:
        assert "chỉ cho phép đọc" in refuses("file_unusable", "serve", data=disk)


def test_a_database_out_of_reach(tmp_path: Path) -> None:
    url = "postgresql://loa@127.0.0.1:1/loa"
    refuses("storage_unavailable", "speaker", "list", language="en", data=tmp_path, database=url)


@pytest.fixture(scope="module")
def disk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The service's data and log on a small disk; the speakers have disks of their own."""
    with mounted(tmp_path_factory.mktemp("disk"), "size=48m") as disk:
        speakers = tmp_path_factory.mktemp("speakers")
        (disk / "speakers").symlink_to(speakers)
        yield disk


@pytest.fixture(scope="module")
def place(disk: Path) -> Iterator[Town]:
    with town(disk) as found:
        yield found


def draft(title: str) -> dict[str, object]:
    return {
        "title": title,
        "unit": COMMUNE,
        "versions": [{"language": "vi", "text": f"{title}. {LONG}"}],
        "audience": [{"kind": "unit", "ref": COMMUNE}],
    }


@contextmanager
def filled(disk: Path) -> Iterator[None]:
    """No byte is left."""
    filler = disk / "filler"
    with suppress(OSError), filler.open("wb", buffering=0) as file:
        while True:
            file.write(bytes(1 << 16))
    with suppress(OSError), filler.open("ab", buffering=0) as file:
        while True:
            file.write(b"\0")
    try:
        yield
    finally:
        filler.unlink()


def write_until_refused(place: Town) -> tuple[list[str], str]:
    """What was accepted before the first refusal, and that refusal."""
    accepted: list[str] = []
    for number in range(400):
        try:
            accepted.append(place.clerk.post("/announcements", draft(f"Đĩa đầy {number}"))["id"])
        except Refused as refused:
            return accepted, str(refused)
    raise AssertionError("a full disk takes everything")


def test_a_full_disk_takes_nothing_it_cannot_keep(place: Town, disk: Path) -> None:
    before = approved(place, "Trước khi đầy", text=SHORT)
    unheard = place.clerk.post("/announcements", draft("Chưa nghe"))["id"]
    with filled(disk):
        accepted, refusal = write_until_refused(place)
        assert refusal.startswith("disk_full: Ổ đĩa")
        with pytest.raises(Refused, match="disk_full"):
            place.clerk.post(f"/announcements/{unheard}/submit")
        assert place.clerk.get(f"/announcements/{before['id']}")["state"] == "approved"
    place.household.wait_until(lambda: can_write(place), "writing again", 20.0)
    place.wait_for(on_air(place, before), "heard")
    titles = {one: place.clerk.get(f"/announcements/{one}")["title"] for one in accepted}
    assert list(titles.values()) == [f"Đĩa đầy {number}" for number in range(len(accepted))]
    newest = [one["title"] for one in place.clerk.get("/announcements", limit=100)["items"]]
    assert f"Đĩa đầy {len(accepted)}" not in newest
    with place.ground.database.read() as session:
        assert audit.verify(session).sound


def can_write(place: Town) -> bool:
    with suppress(Refused):
        place.clerk.post("/announcements", draft("Còn chỗ"))
        return True
    return False


def test_a_broker_that_is_killed_comes_back_and_loses_nothing(place: Town) -> None:
    ready = approved(place, "Máy chủ tin dừng", text=SHORT)
    first = kill_broker(place)
    airing = on_air(place, ready)
    place.household.wait_until(lambda: broker_pid(place) not in {0, first}, "another broker", 10.0)
    kill_broker(place)
    place.wait_for(airing, "heard")
    for one in place.deliveries(airing).values():
        assert one["attempt"] == 1


def kill_broker(place: Town) -> int:
    pid = broker_pid(place)
    os.kill(pid, signal.SIGKILL)
    return pid


def broker_pid(place: Town) -> int:
    """The broker that runs; 0 while there is none."""
    with suppress(OSError, ValueError):
        pid = int((place.settings.data / "broker" / "mosquitto.pid").read_text())
        os.kill(pid, 0)
        return pid
    return 0


def test_a_database_that_is_busy_for_a_moment_only_delays(place: Town) -> None:
    other = sqlite3.connect(place.settings.data / "loa.sqlite", isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    threading.Timer(1.5, other.execute, ["ROLLBACK"]).start()
    made = place.clerk.post("/announcements", draft("Chờ một chút"))
    assert place.clerk.get(f"/announcements/{made['id']}")["title"] == "Chờ một chút"
    other.close()
