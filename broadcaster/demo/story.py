"""The main job, told through the public API: written, listened to, approved, aired, heard, copied."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from broadcaster.demo.board import END_BADLY, LADDER, Row
from broadcaster.demo.client import Client, moment
from broadcaster.demo.commune import COMMUNE, DemoSpeaker

EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"
TITLE = "Đăng ký đất đai lần đầu"
LOOK_AGAIN = 0.25
IN_MID_PLAY = 4.0
"""Seconds of sound before the power is cut."""


@dataclass(frozen=True, slots=True)
class Aired:
    """What was approved and put on air."""

    announcement: dict[str, Any]
    airing: str
    approved: datetime
    clips: list[dict[str, Any]]


def write(clerk: Client) -> str:
    """The clerk writes the announcement in two languages and submits it; its id."""
    versions = [
        {"language": "vi", "text": (EXAMPLES / "thong-bao-dat-dai.txt").read_text(encoding="utf-8")},
        {"language": "en", "text": (EXAMPLES / "land-registration-notice.txt").read_text(encoding="utf-8")},
    ]
    draft = clerk.post(
        "/announcements",
        {
            "title": TITLE,
            "class": "normal",
            "unit": COMMUNE,
            "versions": versions,
            "audience": [{"kind": "unit", "ref": COMMUNE}],
        },
    )
    clerk.post(f"/announcements/{draft['id']}/submit")
    return str(draft["id"])


def approve(approver: Client, announcement: str, folder: Path) -> Aired:
    """The approver fetches and so listens to every clip, approves exactly that, and airs it now."""
    found = approver.get(f"/announcements/{announcement}")
    folder.mkdir(parents=True, exist_ok=True)
    clips = []
    for version in found["versions"]:
        target = folder / f"{version['language']}.ogg"
        size = approver.fetch(f"/clips/{version['clip_sha256']}", target)
        clips.append({"language": version["language"], "sha256": version["clip_sha256"], "bytes": size})
    approved = approver.post(f"/announcements/{announcement}/approve", {"content_sha256": found["content_sha256"]})
    airing = approver.post("/airings", {"announcement": announcement, "now": True})
    return Aired(approved, airing["id"], moment(approved["approvals"][-1]["at"]), clips)


def watch(client: Client, aired: Aired, speakers: list[DemoSpeaker], *, until: float) -> Iterator[list[Row]]:
    """The rows of the board, again and again, until every speaker has come to an end or `until` has passed."""
    names = {one.id: one.name for one in speakers}
    while True:
        deliveries = client.get(f"/airings/{aired.airing}/deliveries")["items"]
        found = {
            one["speaker_id"]: _row(one, names, aired.approved) for one in deliveries if one["speaker_id"] in names
        }
        rows = [found[one.id] for one in speakers if one.id in found]
        yield rows
        if all(row.state in END_BADLY or row.state == "heard" for row in rows) or time.monotonic() > until:
            return
        time.sleep(LOOK_AGAIN)


def copies(client: Client, aired: Aired, *, patience: float) -> list[dict[str, Any]]:
    """The copies owed to chat groups, once each has come to an end, or when patience ends."""
    until = time.monotonic() + patience
    while True:
        found = [one for one in client.get("/mirrors")["items"] if one["announcement_id"] == aired.announcement["id"]]
        over = found and all(one["state"] in {"accepted", "delivered", "failed", "unknown"} for one in found)
        if over or time.monotonic() > until:
            return found
        time.sleep(LOOK_AGAIN)


def _row(delivery: dict[str, Any], names: dict[str, str], approved: datetime) -> Row:
    reached = {
        step: round((moment(delivery[f"{step}_at"]) - approved).total_seconds() * 1000)
        for step in LADDER[1:]
        if delivery[f"{step}_at"]
    }
    speaker = delivery["speaker_id"]
    return Row(names[speaker], delivery["state"], reached, delivery["level"], delivery["attempt"])
