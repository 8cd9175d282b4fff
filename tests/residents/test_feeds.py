"""Feeds as real readers of them take them: what they say, and what one finds behind their links."""

import subprocess
from calendar import timegm
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import feedparser  # type: ignore[import-untyped]
import pytest
from icalendar import Calendar
from lxml import etree
from sqlalchemy import select

from audio import mp3
from audio.clip import clip_path
from audio.disk import put
from broadcaster.services.writing.announcements import DraftVersion
from broadcaster.store.tables import Clip
from tests.residents.village import SECOND, VILLAGE, Home

pytestmark = pytest.mark.pages
XML_FEEDS = ("feed.atom", "feed.rss", "podcast.rss")
HOSTILE = '<script>alert(1)</script> & "][ ]]> \uffff 5 < 6'


def read(home: Home, name: str, unit: str = VILLAGE) -> Any:
    """The feed as feedparser takes it, which says when it is not well made."""
    answer = home.get(f"/{unit}/{name}")
    assert answer.status_code == 200
    found = feedparser.parse(answer.content, response_headers=dict(answer.headers))
    assert not found.bozo, found.bozo_exception
    assert found.version == ("atom10" if name.startswith("feed.atom") else "rss20")
    return found


@pytest.mark.parametrize("name", XML_FEEDS)
def test_every_reader_finds_the_announcements_the_latest_first(any_home: Home, name: str) -> None:
    for number in range(3):
        any_home.say(f"Nội dung {number}.", title=f"Tin {number}")
    found = read(any_home, name)
    assert [entry.title for entry in found.entries] == ["Tin 2", "Tin 1", "Tin 0"]
    newest = found.entries[0]
    assert any_home.get(urlsplit(newest.link).path).status_code == 200
    said = newest.content[0].value if "content" in newest else newest.summary
    assert said == "Nội dung 2."
    heard = datetime.fromtimestamp(timegm(newest.published_parsed), UTC)
    assert heard == any_home.house.clock() - timedelta(seconds=40)
    assert found.feed.title.endswith("Bản Nà Pản")
    links = [link.href for link in found.feed.links if link.rel == "self"]
    assert links == [f"http://testserver/{VILLAGE}/{name}"]


@pytest.mark.parametrize("name", XML_FEEDS)
def test_words_that_are_markup_are_words(home: Home, name: str) -> None:
    home.say(HOSTILE, title=HOSTILE[:60])
    answer = home.get(f"/{VILLAGE}/{name}")
    root = etree.fromstring(answer.content, etree.XMLParser(resolve_entities=False))
    assert not [each for each in root.iter() if etree.QName(each).localname == "script"]
    entry = read(home, name).entries[0]
    if name == "feed.atom":
        assert (entry.content[0].type, entry.content[0].value[-5:]) == ("text/plain", "5 < 6")
    else:
        assert "<script" not in entry.summary
        assert entry.summary.endswith("5 &lt; 6")


def test_a_podcast_leads_to_a_sound_of_that_length_and_type(home: Home) -> None:
    home.say()
    home.give_sound()
    (entry,) = read(home, "podcast.rss").entries
    (enclosure,) = entry.enclosures
    answer = home.get(urlsplit(enclosure.href).path)
    assert (answer.status_code, answer.headers["content-type"]) == (200, enclosure.type) == (200, "audio/mpeg")
    assert len(answer.content) == int(enclosure.length)
    probe = ["ffprobe", "-v", "error", "-show_entries", "stream=codec_name", "-of", "csv=p=0", "-i", "pipe:0"]
    assert subprocess.run(probe, input=answer.content, capture_output=True, check=True).stdout.strip() == b"mp3"
    part = home.get(urlsplit(enclosure.href).path, range="bytes=0-99")
    assert (part.status_code, len(part.content)) == (206, 100)
    assert entry.itunes_duration == "30"
    assert home.get(urlsplit(enclosure.href).path.replace(".mp3", ".ogg")).headers["content-type"] == "audio/ogg"


def test_a_podcast_leads_to_the_clip_itself_where_no_mp3_can_be_made(home: Home) -> None:
    home.say()
    with home.house.database.read() as session:
        (sha256,) = session.scalars(select(Clip.sha256))
    put(clip_path(home.house.context.clips, sha256), b"OggS, and then nothing that sounds")
    (enclosure,) = read(home, "podcast.rss").entries[0].enclosures
    assert (enclosure.type, enclosure.length) == ("audio/ogg", "34")
    assert home.get(urlsplit(enclosure.href).path.replace(".ogg", ".mp3")).status_code == 404


def test_nobody_waits_while_another_mp3_is_made(home: Home) -> None:
    home.say()
    home.give_sound()
    with mp3._one:
        (enclosure,) = read(home, "podcast.rss").entries[0].enclosures
        path = urlsplit(enclosure.href).path.replace(".ogg", ".mp3")
        busy = home.get(path)
    assert (enclosure.type, busy.status_code, busy.headers["retry-after"]) == ("audio/ogg", 503, "5")
    assert home.get(path).status_code == 200
    with mp3._one:
        assert home.get(path).status_code == 200


def test_other_feeds_lead_to_the_very_clip(home: Home) -> None:
    home.say()
    sound = home.give_sound()
    for name in ("feed.atom", "feed.rss"):
        (enclosure,) = read(home, name).entries[0].enclosures
        assert (enclosure.type, int(enclosure.length)) == ("audio/ogg", len(sound))
        assert home.get(urlsplit(enclosure.href).path).content == sound


def test_a_withdrawn_one_stays_without_words_and_sound(home: Home) -> None:
    public_id = home.say("Ngày mai cắt nước.", title="Cắt nước")
    home.give_sound()
    sound = home.get(f"/{VILLAGE}/feed.json").json()["items"][0]["attachments"][0]["url"]
    home.withdraw(public_id, "Nhầm")
    for name in (*XML_FEEDS, "feed.json"):
        text = home.get(f"/{VILLAGE}/{name}").text
        assert "Thu hồi: Cắt nước" in text
        assert "Nhầm" in text
        assert "Ngày mai" not in text
        assert "audio/" not in text
    for path in (urlsplit(sound).path, urlsplit(sound).path.replace(".ogg", ".mp3")):
        assert home.get(path).status_code == 404


def test_a_feed_of_one_language_says_it_in_that_where_it_can(home: Home) -> None:
    home.say(title="Cả hai", versions=[DraftVersion("vi", "Mời họp."), DraftVersion("en", "Please come.")])
    home.say("Chỉ một.", title="Một")
    home.give_sound()
    entries = read(home, "podcast.rss?lang=en").entries
    assert [entry.summary for entry in entries] == ["Chỉ một.", "Please come."]
    both = home.get(f"/{VILLAGE}/feed.json?lang=en").json()["items"]
    assert [item["language"] for item in both] == ["vi", "en"]
    assert both[1]["attachments"][0]["url"] == both[1]["_loa"]["versions"][1]["ogg"]
    assert home.get(f"/{VILLAGE}/feed.json?lang=xx").json()["feed_url"].endswith("/feed.json")


def test_drills_corrections_and_alerts_are_marked(home: Home) -> None:
    home.correct(home.say("Cũ."), "Mới.", title="Họp bản")
    home.say(title="Báo cháy", kind="drill")
    home.call_up(home.alarm(), "all_clear")
    titles = [entry.title for entry in read(home, "feed.rss").entries]
    assert [title.partition(": ")[0] for title in titles] == ["KHẨN CẤP", "KHẨN CẤP", "DIỄN TẬP", "Đính chính"]
    assert "Hết khẩn cấp" in titles[0]
    value = home.get(f"/{VILLAGE}/feed.json").json()
    assert value["_loa"]["alerts"] == [value["items"][1]["_loa"]["id"]]
    assert value["items"][1]["_loa"]["called"][0]["part"] == "all_clear"


def test_a_calendar_names_what_comes_and_no_more(home: Home) -> None:
    home.air(home.write("Chưa ai được đọc.", title="Chiều nay; họp, bàn"), hours=4)
    home.say(title="Đã phát")
    answer = home.get(f"/{VILLAGE}/calendar.ics")
    assert answer.headers["content-type"].startswith("text/calendar")
    found = Calendar.from_ical(answer.content)
    (event,) = found.walk("VEVENT")
    assert not [error for each in found.walk() for error in each.errors]
    assert str(event["summary"]) == "Chiều nay; họp, bàn"
    assert event.decoded("dtstart") == home.house.clock() + timedelta(hours=4, seconds=-40)
    assert b"Ch\xc6\xb0a ai" not in answer.content
    home.wait(hours=5)
    assert Calendar.from_ical(home.get(f"/{VILLAGE}/calendar.ics").content).walk("VEVENT") == []


def test_feeds_are_sent_once(home: Home) -> None:
    home.air(home.write(), hours=4)
    home.say()
    for name in (*XML_FEEDS, "feed.json", "calendar.ics"):
        first = home.get(f"/{VILLAGE}/{name}", accept_encoding="gzip")
        home.wait(seconds=16)
        again = home.get(f"/{VILLAGE}/{name}", accept_encoding="gzip", if_none_match=first.headers["etag"])
        assert (again.status_code, again.content) == (304, b""), name
        assert again.headers["cache-control"].startswith("public")
        assert home.resident.client.head(f"/{VILLAGE}/{name}").status_code == 200


def test_a_village_that_heard_nothing_has_feeds_and_an_unknown_one_none(home: Home) -> None:
    for name in XML_FEEDS:
        assert read(home, name, SECOND).entries == []
    for name in (*XML_FEEDS, "feed.json", "calendar.ics", "feed.txt"):
        assert home.get(f"/khong-co/{name}").status_code == 404
