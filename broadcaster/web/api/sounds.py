"""Recordings in, clips out."""

import hashlib
from typing import Annotated

from fastapi import APIRouter, Depends, File, Form, UploadFile
from fastapi.responses import FileResponse
from starlette.responses import Response

from broadcaster.services.sound import clips
from broadcaster.web.api.models import Clip, Language, Ref
from broadcaster.web.api.writes import PREFIX, PROBLEMS, Writes
from broadcaster.web.asking import Web, bearer
from broadcaster.web.sound import clip_file

router = APIRouter(prefix=PREFIX, tags=["sound"], responses=PROBLEMS)
CHUNK = 1 << 20


@router.post("/recordings", status_code=201, response_model=Clip)
def add_recording(
    write: Writes,
    file: Annotated[UploadFile, File(description="webm, ogg, mp4, wav, mp3, flac or amr, as phones record")],
    language: Annotated[Language, Form()],
    unit: Annotated[Ref, Form()],
) -> Response:
    """Take in a recording; its `sha256` goes into a version as `recording`."""
    context, wanted = write.context, f"{sha256_of(file)} {language} {unit}"
    if known := write.answered(wanted):
        return known
    kept = clips.take_recording(
        context.database, context.clips, write.caller, file.file, language, unit_id=unit, now=context.now()
    )
    return write.answer(wanted, lambda _: Clip.model_validate(kept), 201)


@router.get("/clips/{sha256}", response_class=FileResponse, dependencies=[Depends(bearer)])
def read_clip(context: Web, sha256: str) -> FileResponse:
    """The Ogg/Opus file, whole or by Range."""
    return clip_file(context.clips, sha256)


def sha256_of(file: UploadFile) -> str:
    """The hash of an upload, which is then read from its beginning."""
    digest = hashlib.sha256()
    while chunk := file.file.read(CHUNK):
        digest.update(chunk)
    file.file.seek(0)
    return digest.hexdigest()
