"""A refusal is shown on the page it came from, with everything that was typed."""

from collections.abc import Callable

from fastapi.responses import HTMLResponse
from starlette.requests import Request

from broadcaster.domain.errors import LoaError
from broadcaster.web.problems import problem_of
from broadcaster.web.render import language_of


def again(request: Request, error: LoaError, show: Callable[..., HTMLResponse]) -> HTMLResponse:
    """The same page with the problem on top and the refusal's status."""
    answer = show(problem=problem_of(error, language_of(request)))
    answer.status_code = error.status
    return answer
