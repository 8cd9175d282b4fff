"""For developers only: every piece of the pages in every state."""

from datetime import timedelta

from fastapi import APIRouter
from fastapi.responses import HTMLResponse
from starlette.requests import Request

from broadcaster.domain.errors import NoVoice, OutsideHours
from broadcaster.web import labels
from broadcaster.web.asking import Web
from broadcaster.web.problems import problem_of
from broadcaster.web.render import language_of, page
from broadcaster.web.shown.airings import AiringBrief
from broadcaster.web.shown.announcements import Brief, ClipView, words
from broadcaster.web.shown.board_row import Row
from firmware_config.alarms import alarm

router = APIRouter(include_in_schema=False)
SAMPLE = "UBND xã mời bà con họp lúc 8h30 ngày 25/11/2026; ĐT: 0212.385.1234."


@router.get("/dev/components")
def components(request: Request, context: Web) -> HTMLResponse:
    """Nothing here is real."""
    language = language_of(request)
    tables = (labels.ANNOUNCEMENT, labels.AIRING, labels.DELIVERY, labels.COPY, labels.KLASS, labels.SPEAKER)
    klass, waiting = labels.KLASS["priority"], labels.ANNOUNCEMENT["submitted"]
    return page(
        request,
        "components.html",
        tables=tables,
        problems=[
            problem_of(NoVoice(language="hmn"), language),
            problem_of(OutsideHours(unit="Bản Mẫu", hours="05:00–21:00", start="22:10", next="05:00"), language),
        ],
        rows=[_row(number, state) for number, state in enumerate(labels.DELIVERY)],
        airing=_airing(context),
        clip=ClipView("/clips/none", "0:42", "Machine voice"),
        words=words(SAMPLE, "vi"),
        brief=Brief("mau", "Thông báo mẫu", klass, waiting, "Bản Mẫu", "Cán bộ văn hóa", context.now()),
        alarms=[alarm("out_of_reach"), alarm("tests_missed")],
    )


def _row(number: int, state: str) -> Row:
    rungs = tuple(step <= number for step in range(6))
    shown = labels.label(labels.DELIVERY, state)
    return Row(f"loa-{number}", f"Loa {number}", "Bản Mẫu", shown, rungs, "17:00:03", 1 + number % 2, "", -1850, ())


def _airing(context: Web) -> AiringBrief:
    counts = {"heard": 27, "started": 3, "missed": 1}
    state, klass = labels.AIRING["on_air"], labels.KLASS["priority"]
    at = context.now() - timedelta(minutes=2)
    return AiringBrief("mau", "mau", "Thông báo mẫu", klass, state, at, 27, 31, counts)
