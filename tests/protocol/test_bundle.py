"""What is put on a new speaker, on a real disk, and judged by the programs that will read it."""

import re
import shutil
import subprocess
import tomllib
import zipfile
from pathlib import Path

import pytest

from firmware_config import pki
from firmware_config.bundle import bundle, new_identity, write_folder, write_zip
from firmware_config.device_config import ConfigError, Sound, load
from firmware_config.protocol import Role

pytestmark = pytest.mark.whole

AUTHORITY = pki.create_authority("Loa")
ROOT = pki.new_signing_key()
NAME = "Bản Chiềng Đông 1 'chợ' $(reboot)"


def made(name: str = NAME, device: str = "loa-chieng-dong-1") -> dict[str, bytes]:
    return bundle(
        new_identity(device, name, AUTHORITY),
        ca=AUTHORITY.certificate_pem,
        root=ROOT.public_key().public_bytes_raw(),
        brokers=["loa.example:8883"],
        urls=["https://loa.example/"],
        keys=pki.sign_keys(ROOT, [], version=1, now=1_790_000_000_000),
        sound=Sound(sink="wav:out"),
        data=Path("data"),
    )


def test_a_folder_holds_all_a_speaker_needs_and_keeps_its_keys_to_itself(tmp_path: Path) -> None:
    found = made()
    write_folder(found, tmp_path / "loa")
    write_folder(found, tmp_path / "loa")
    config = load(tmp_path / "loa/config.toml")
    assert config.device == "loa-chieng-dong-1"
    assert config.name == NAME
    assert config.data == tmp_path / "loa/data"
    assert config.sound.sink == f"wav:{tmp_path}/loa/out"
    for path in (config.keys.ca, config.keys.certificate, config.keys.root, config.keys.key_set):
        assert path.is_file()
    for path in (config.keys.key, config.keys.signing):
        assert path.stat().st_mode & 0o777 == 0o600
    issued = pki.Issued(config.keys.key.read_bytes(), config.keys.certificate.read_bytes())
    now = pki.load_certificate(issued.certificate_pem).not_valid_before_utc
    assert pki.check(issued, ca_pem=config.keys.ca.read_bytes(), now=now) == config.device
    assert pki.load_public_key(config.keys.root.read_bytes()) == ROOT.public_key().public_bytes_raw()
    assert pki.key_id(Role.SPEAKER, pki.load_signing_key(config.keys.signing.read_bytes()))


def test_the_same_bundle_gives_the_same_zip(tmp_path: Path) -> None:
    found = made()
    for name in ("a.zip", "b.zip"):
        write_zip(found, tmp_path / name)
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()
    assert (tmp_path / "a.zip").stat().st_mode & 0o777 == 0o600
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        assert {name: archive.read(name) for name in archive.namelist()} == found
        modes = {entry.filename: entry.external_attr >> 16 & 0o777 for entry in archive.infolist()}
    assert modes["tls/speaker.key"] == modes["signing/speaker.key"] == 0o600
    assert modes["install.sh"] == 0o755


def test_a_speaker_that_could_not_be_read_back_is_not_made() -> None:
    with pytest.raises(ConfigError, match="name"):
        made(name="two\nlines")
    for device in ("broadcaster", "#", "+", "Loa"):
        with pytest.raises(ValueError, match="cannot be a speaker"):
            made(device=device)


def test_the_shell_reads_the_installer_and_the_name_stays_words() -> None:
    script = made()["install.sh"].decode()
    subprocess.run(["sh", "-n"], input=script, text=True, check=True)
    last = next(line for line in script.splitlines() if line.startswith("echo"))
    said = subprocess.run(["sh", "-c", last], capture_output=True, text=True, check=True).stdout
    assert "$(reboot)" in said
    assert "$$" not in script


def directives(unit: str) -> list[tuple[str, str]]:
    return re.findall(r"^(\w+)=(.*)$", unit, flags=re.MULTILINE)


def test_the_service_starts_again_by_itself_and_is_shut_in() -> None:
    unit = dict(directives(made()["systemd/loa-agent.service"].decode()))
    wanted = {
        "Type": "notify",
        "Restart": "always",
        "WatchdogSec": "60",
        "ProtectSystem": "strict",
        "NoNewPrivileges": "yes",
        "PrivateTmp": "yes",
        "DevicePolicy": "closed",
        "StateDirectory": "loa",
        "CapabilityBoundingSet": "",
        "User": "loa",
    }
    assert wanted.items() <= unit.items()
    assert "MemoryMax" in unit
    assert "RuntimeWatchdogSec" in dict(directives(made()["systemd/watchdog.conf"].decode()))


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not on this machine")
def test_systemd_finds_no_fault_in_the_service(tmp_path: Path) -> None:
    unit = tmp_path / "loa-agent.service"
    text = made()["systemd/loa-agent.service"].decode()
    unit.write_text(re.sub(r"^ExecStart=\S+", "ExecStart=/bin/true", text, flags=re.MULTILINE))
    done = subprocess.run(
        ["systemd-analyze", "verify", "--recursive-errors=no", str(unit)], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    unit.write_text(unit.read_text().replace("Restart=always", "Restart=allways"))
    worse = subprocess.run(
        ["systemd-analyze", "verify", "--recursive-errors=no", str(unit)], capture_output=True, text=True, check=False
    )
    assert "allways" in worse.stderr


def test_the_technician_reads_the_name_of_this_speaker() -> None:
    found = made()
    readme = found["README.md"].decode()
    assert "loa-chieng-dong-1" in readme
    for path in found:
        folder = path.partition("/")[0]
        assert path == "README.md" or f"`{folder}" in readme
    assert tomllib.loads(found["config.toml"].decode())["sound"]["sink"] == "wav:out"
