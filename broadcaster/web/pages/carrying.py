"""Carried by hand: what a loudspeaker is to play as a file for a phone or a stick, and its receipts taken back."""

import tempfile
from functools import partial
from pathlib import Path

from fastapi import APIRouter
from fastapi.responses import FileResponse, HTMLResponse
from sqlalchemy.orm import Session
from starlette.background import BackgroundTask
from starlette.responses import Response

from audio.clip import clip_path
from broadcaster.domain.errors import LoaError, NothingCarried, UnknownClip
from broadcaster.domain.permissions import Action
from broadcaster.services.speaking import carrying
from broadcaster.services.speaking.carrying import Load, Returned
from broadcaster.store.places import path
from broadcaster.web.asking import Sent, Visit, Visiting
from broadcaster.web.pages.again import again
from broadcaster.web.render import page
from broadcaster.web.shown.sight import sight
from broadcaster.web.shown.speaker import find_speaker
from firmware_config import carried_zip

router = APIRouter(include_in_schema=False)


@router.get("/speakers/{speaker_id}/carry")
def ask(visit: Visit, speaker_id: str) -> HTMLResponse:
    """What there is to carry, how large it is, and where receipts are handed in."""
    return show(visit, speaker_id)


def show(visit: Visiting, speaker_id: str, *, back: tuple[Returned, ...] = (), problem: object = None) -> HTMLResponse:
    """The page, with what became of the receipts that were handed in."""
    context = visit.context
    with context.database.transaction() as session:
        row = find_speaker(session, sight(session, visit.me), speaker_id)
        visit.me.require(Action.TEND_SPEAKERS, path(session, row.unit_id))
        it = {"id": row.id, "name": row.name, "days": row.ahead_days, "in_service": row.revoked_at is None}
        load = _load(visit, session, speaker_id) if it["in_service"] else None
        # Looked at only; it is written down when somebody takes it along.
        session.rollback()
    return page(visit.request, "carrying.html", it=it, load=load, back=back, problem=problem)


@router.post("/speakers/{speaker_id}/carry/bundle")
def take_along(visit: Sent, speaker_id: str) -> Response:
    """The file."""
    context = visit.context
    with context.database.transaction() as session:
        find_speaker(session, sight(session, visit.me), speaker_id)
        load = _load(visit, session, speaker_id)
    target = Path(tempfile.mkdtemp(prefix="loa-carry-")) / f"{speaker_id}.zip"
    try:
        carried_zip.write(target, [*load.documents.items(), *_sounds(context.clips, load)])
    except BaseException:
        _remove(target)
        raise
    name = f"{speaker_id}-{context.now():%Y%m%d}.zip"
    return FileResponse(target, media_type="application/zip", filename=name, background=BackgroundTask(_remove, target))


@router.post("/speakers/{speaker_id}/carry")
def bring_back(visit: Sent, speaker_id: str) -> Response:
    """Take receipts in, of any loudspeaker the person tends; twice does no harm."""
    context, file = visit.context, visit.form.file("receipts")
    with context.database.read() as session:
        find_speaker(session, sight(session, visit.me), speaker_id)
    try:
        if file is None:
            raise NothingCarried
        try:
            batches = carried_zip.batches(file.file)
            back = tuple(carrying.take_back(context.database, visit.me, batches, now=context.now()))
        except carried_zip.BadZip as broken:
            raise NothingCarried from broken
        if not back:
            raise NothingCarried
    except LoaError as error:
        return again(visit.request, error, partial(show, visit, speaker_id))
    for airing in set[str]().union(*(one.airings for one in back)):
        context.live.nudge(f"airing-{airing}")
    return show(visit, speaker_id, back=back)


def _load(visit: Visiting, session: Session, speaker_id: str) -> Load:
    context = visit.context
    return carrying.load(session, visit.me, [speaker_id], signing=context.signing, now=context.now())


def _sounds(folder: Path, load: Load) -> list[tuple[str, bytes | Path]]:
    found: list[tuple[str, bytes | Path]] = []
    for name, clip in load.clips.items():
        file = clip_path(folder, clip.sha256)
        if not file.is_file():
            raise UnknownClip(id=clip.sha256)
        found.append((name, file))
    return found


def _remove(target: Path) -> None:
    target.unlink(missing_ok=True)
    target.parent.rmdir()
