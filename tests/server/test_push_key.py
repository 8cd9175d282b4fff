"""The key by which push services know us is made once and never replaced: every browser is bound to it."""

from pathlib import Path

import pytest

from broadcaster.domain.errors import BrokenCertificate
from broadcaster.home import PUSH_FILE, Home

pytestmark = pytest.mark.database

URL = "https://loa.example"


def test_it_is_made_once_and_belongs_to_its_owner_alone(tmp_path: Path) -> None:
    home = Home(tmp_path)
    first = home.vapid(URL, private=False)
    assert home.vapid(URL, private=False).public == first.public
    assert (tmp_path / "keys" / PUSH_FILE).stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("content", [b"", b"nonsense"])
def test_a_damaged_one_is_named_and_left_as_it_is(tmp_path: Path, content: bytes) -> None:
    home = Home(tmp_path)
    home.vapid(URL, private=False)
    path = tmp_path / "keys" / PUSH_FILE
    path.write_bytes(content)
    with pytest.raises(BrokenCertificate, match=PUSH_FILE):
        home.vapid(URL, private=False)
    assert path.read_bytes() == content
