"""Who may approve what in a unit: its own rows, what the units above ask for, and changing them."""

from functools import partial

from fastapi import APIRouter
from fastapi.responses import HTMLResponse
from starlette.responses import Response

from broadcaster.domain.errors import LoaError, NotFound
from broadcaster.domain.permissions import Action
from broadcaster.domain.policy import APPROVING, MOST_APPROVALS, MOST_ROWS
from broadcaster.services.writing import policies
from broadcaster.web.asking import Posted, Sent, Visit, Visiting
from broadcaster.web.labels import KIND, KLASS, ROLE
from broadcaster.web.pages.again import again
from broadcaster.web.render import page
from broadcaster.web.shown.sight import sight, within
from broadcaster.web.sign_in import go

router = APIRouter(include_in_schema=False)


@router.get("/units/{unit_id}/policy")
def read(visit: Visit, unit_id: str) -> HTMLResponse:
    """The rules of approval."""
    return show(visit, unit_id)


def show(visit: Visiting, unit_id: str, **values: object) -> HTMLResponse:
    """The page."""
    with visit.context.database.read() as session:
        seen = within(sight(session, visit.me), unit_id)
        own, above = policies.of_unit(session, unit_id)
        common = {"rows": [row.to_json() for row in own]}
        return page(
            visit.request,
            "policy.html",
            unit=unit_id,
            unit_name=seen.names_of(unit_id),
            above=[(name, [row.to_json() for row in rows]) for name, rows in above],
            can_change=seen.allows(Action.TEND_UNITS, unit_id),
            classes=KLASS,
            kinds=KIND,
            roles={role.value: ROLE[role] for role in APPROVING},
            most=MOST_APPROVALS,
            **(common | values),
        )


@router.post("/units/{unit_id}/policy")
def change(visit: Sent, unit_id: str) -> Response:
    """Put what stands in the form in force; a row with no number of approvals is left out."""
    rows = _rows(visit.form)
    try:
        with visit.context.database.transaction() as session:
            within(sight(session, visit.me), unit_id)
            policies.change(session, visit.me, unit_id, rows, now=visit.context.now())
    except NotFound:
        raise
    except LoaError as error:
        return again(visit.request, error, partial(show, visit, unit_id, rows=rows))
    return go(f"/units/{unit_id}/policy", "kept")


def _rows(form: Posted) -> list[dict[str, object]]:
    return [
        {
            "class": form.line(f"class-{place}"),
            "kind": form.line(f"kind-{place}"),
            "up_to_speakers": form.number(f"up-{place}") or None,
            "approvals": form.number(f"approvals-{place}"),
            "roles": form.lines(f"roles-{place}"),
        }
        for place in range(MOST_ROWS + 1)
        if form.number(f"approvals-{place}")
    ]
