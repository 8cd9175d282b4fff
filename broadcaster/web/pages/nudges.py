"""The stream of nudges, and the sound of clips for this browser."""

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Depends, Path
from fastapi.responses import FileResponse
from fastapi.sse import EventSourceResponse, ServerSentEvent

from broadcaster.web.asking import Web, signed_in
from broadcaster.web.sound import clip_file

router = APIRouter(include_in_schema=False)


@router.get("/live/{topic}", response_class=EventSourceResponse, dependencies=[Depends(signed_in)])
async def live(context: Web, topic: Annotated[str, Path(max_length=80)]) -> AsyncIterator[ServerSentEvent]:
    """Says only that something changed; what changed is asked for as a page, under this person's rights."""
    async for event in context.live.stream(topic):
        yield event


@router.get("/clips/{sha256}", dependencies=[Depends(signed_in)])
def clip(context: Web, sha256: str) -> FileResponse:
    """The very file the loudspeakers play."""
    return clip_file(context.clips, sha256)
