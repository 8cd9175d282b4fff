"""Templates: the list, the form of one, and what must be filled in before writing begins with it."""

from dataclasses import dataclass, field, replace
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse
from sqlalchemy.orm import Session
from starlette.responses import Response

from broadcaster.domain import languages, words
from broadcaster.domain.errors import LoaError, NotFound
from broadcaster.domain.permissions import Action
from broadcaster.services.writing import templates
from broadcaster.services.writing.templates import Given
from broadcaster.store.tables import Template
from broadcaster.web.asking import Posted, Sent, Visit, Visiting
from broadcaster.web.forms import WriteForm, form_of_announcement, with_choices
from broadcaster.web.labels import CATEGORY, KLASS
from broadcaster.web.pages.again import again
from broadcaster.web.pages.once import once
from broadcaster.web.render import page
from broadcaster.web.shown.sight import Sight, find_announcement, sight
from broadcaster.web.shown.writing import afresh
from broadcaster.web.sign_in import go

router = APIRouter(include_in_schema=False)
PAGE = 50
ORDINARY = {code: label for code, label in KLASS.items() if code != "emergency"}


@dataclass(frozen=True, slots=True)
class TemplateForm:
    """Everything in the form of one template."""

    title: str = ""
    unit: str = ""
    klass: str = "normal"
    category: str = "general"
    repeat: int = 2
    texts: dict[str, str] = field(default_factory=lambda: {"vi": ""})
    id: str = ""

    def given(self) -> Given:
        """What the services take."""
        return Given(self.unit, self.title, self.texts, self.klass, self.category, self.repeat)


@router.get("/templates")
def all_of_them(
    visit: Visit,
    q: Annotated[str, Query(max_length=100)] = "",
    after: Annotated[int, Query(ge=0, le=100_000)] = 0,
) -> HTMLResponse:
    """Those of the units this person writes for, and of the units above them."""
    with visit.context.database.read() as session:
        writing = sight(session, visit.me, Action.WRITE)
        wanted = words.plain(q)
        found = [row for row in templates.listed(session, _usable(writing)) if wanted in words.plain(row.title)]
        lines = [(row, writing.names_of(row.unit_id), row.unit_id in writing.units) for row in found]
    more = after + PAGE if len(found) > after + PAGE else 0
    return page(visit.request, "templates.html", items=lines[after : after + PAGE], next=more, q=q)


@router.get("/templates/new")
def new(visit: Visit, earlier: Annotated[str, Query(alias="from", max_length=64)] = "") -> HTMLResponse:
    """An empty form, or one with the words of an announcement."""
    if not earlier:
        return show(visit, TemplateForm())
    with visit.context.database.read() as session:
        form = afresh(form_of_announcement(find_announcement(session, sight(session, visit.me), earlier)))
    texts = {version.language: version.text for version in form.versions}
    return show(visit, TemplateForm(form.title, form.unit, form.klass, form.category, form.repeat, texts))


@router.post("/templates/new")
def add(visit: Sent) -> Response:
    """One more template."""
    return _save(visit, posted_template(visit.form))


@router.get("/templates/{template_id}")
def one(visit: Visit, template_id: str) -> HTMLResponse:
    """One to be changed or removed."""
    with visit.context.database.read() as session:
        row = _found(session, sight(session, visit.me, Action.WRITE), template_id)
        shown = TemplateForm(row.title, row.unit_id, row.klass, row.category, row.repeat, dict(row.versions), row.id)
    return show(visit, shown)


@router.post("/templates/{template_id}")
def change(visit: Sent, template_id: str) -> Response:
    """Other words in it."""
    with visit.context.database.read() as session:
        _found(session, sight(session, visit.me, Action.WRITE), template_id)
    return _save(visit, replace(posted_template(visit.form), id=template_id))


@router.post("/templates/{template_id}/remove")
def remove(visit: Sent, template_id: str) -> Response:
    """Offer it no more."""
    with visit.context.database.transaction() as session:
        _found(session, sight(session, visit.me, Action.WRITE), template_id)
        templates.remove(session, visit.me, template_id, now=visit.context.now())
    return go("/templates", "template-removed")


@router.get("/templates/{template_id}/start")
def start(visit: Visit, template_id: str) -> HTMLResponse:
    """What stands in braces, each as a field."""
    with visit.context.database.read() as session:
        row = usable_template(session, sight(session, visit.me, Action.WRITE), template_id)
        return page(visit.request, "template_start.html", it=row)


def usable_template(session: Session, writing: Sight, template_id: str) -> Template:
    """One that this person may begin with. Raises NotFound."""
    row = templates.get(session, template_id)
    if row.unit_id not in _usable(writing):
        raise NotFound(what="template", id=template_id)
    return row


def show(visit: Visiting, form: TemplateForm, **values: object) -> HTMLResponse:
    """The form with what was typed."""
    with visit.context.database.read() as session:
        writing = sight(session, visit.me, Action.WRITE)
        where = with_choices(session, writing, WriteForm(unit=form.unit))
        others = [code for code in where.offered.languages if code not in form.texts]
        common = {"it": form, "form": where, "others": others, "classes": ORDINARY, "categories": CATEGORY}
        return page(visit.request, "template.html", **(common | values))


def posted_template(form: Posted) -> TemplateForm:
    """What was sent, kept as it was typed; values no box of ours has are dropped."""
    klass, category, add = form.line("klass"), form.line("category"), form.line("add_language")
    tags = [*form.lines("languages"), *([add] if form.line("do") == "add" else [])]
    known = [code for code in dict.fromkeys(tags) if languages.find(code)] or ["vi"]
    return TemplateForm(
        title=form.line("title"),
        unit=form.line("unit"),
        klass=klass if klass in ORDINARY else "normal",
        category=category if category in CATEGORY else "general",
        repeat=min(max(form.number("repeat"), 1), 3),
        texts={code: form.prose(f"text-{code}") for code in known},
    )


def _save(visit: Sent, form: TemplateForm) -> Response:
    if visit.form.line("do") == "add":
        return show(visit, form)
    now = visit.context.now()
    try:
        with visit.context.database.transaction() as session:
            act = partial(templates.save, session, visit.me, form.given(), template_id=form.id, now=now)
            once(session, visit, f"template {form.id}", lambda: act().id)
    except LoaError as error:
        return again(visit.request, error, partial(show, visit, form))
    return go("/templates", "kept")


def _found(session: Session, writing: Sight, template_id: str) -> Template:
    row = templates.get(session, template_id)
    if row.unit_id not in writing.units:
        raise NotFound(what="template", id=template_id)
    return row


def _usable(writing: Sight) -> frozenset[str]:
    above = {unit for top in writing.tops for unit in writing.tree.path(top)}
    return writing.units | above
