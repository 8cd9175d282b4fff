"""The voice banks: what is recorded in each language, listened to by a second person, and put together."""

import re
from functools import partial

from fastapi import APIRouter
from fastapi.responses import HTMLResponse
from sqlalchemy.orm import Session
from starlette.responses import Response

from audio.bank import SLOTS, Missing, PieceKind
from broadcaster.domain import languages
from broadcaster.domain.errors import LoaError, NotFound
from broadcaster.domain.permissions import Action, units_of
from broadcaster.domain.words import plain
from broadcaster.services.people import native_speakers
from broadcaster.services.sound import clips, reviews, takes, voice_bank
from broadcaster.web.asking import Sending, Sent, Visit, Visiting
from broadcaster.web.pages.again import again
from broadcaster.web.render import page
from broadcaster.web.shown import voices as shown
from broadcaster.web.shown.announcements import clip_view
from broadcaster.web.shown.sight import sight
from broadcaster.web.sign_in import go

router = APIRouter(include_in_schema=False)
PARTS = 12
"""How many parts a sentence made on the page can have."""


@router.get("/voices")
def every(visit: Visit) -> HTMLResponse:
    """All languages and how far they are."""
    with visit.context.database.read() as session:
        sight(session, visit.me)
        return page(visit.request, "voices.html", rows=shown.rows(session))


@router.get("/voices/{language}")
def one(visit: Visit, language: str) -> HTMLResponse:
    """One language: what to record, what to listen to, its sentences."""
    return show(visit, language)


def show(visit: Visiting, language: str, **values: object) -> HTMLResponse:
    """The page of one language."""
    known = languages.require(language)
    with visit.context.database.read() as session:
        sight(session, visit.me)
        bank = shown.bank(session, visit.me, known)
        common = {"bank": bank, "states": shown.TASK, "slots": shown.SLOT, "count": PARTS, "writes": _writes(visit)}
        return page(visit.request, "voice.html", **(common | values))


@router.post("/voices/{language}/start")
def start(visit: Sent, language: str) -> Response:
    """Put the usual phrases, values and sentences on the list."""
    with visit.context.database.transaction() as session:
        voice_bank.start(session, visit.me, language, now=visit.context.now())
    return go(f"/voices/{language}", "begun")


@router.post("/voices/{language}/phrases")
def add_phrase(visit: Sent, language: str) -> Response:
    """One more phrase to be recorded."""
    meaning, text = visit.form.line("meaning"), visit.form.prose("text")
    try:
        with visit.context.database.transaction() as session:
            now = visit.context.now()
            voice_bank.add_phrase(session, visit.me, language, key=_key(meaning), meaning=meaning, text=text, now=now)
    except LoaError as error:
        return again(visit.request, error, partial(show, visit, language))
    return go(f"/voices/{language}", "kept")


@router.post("/voices/{language}/sentences")
def add_sentence(visit: Sent, language: str) -> Response:
    """One more sentence, of phrases and of what is filled in."""
    meaning, chosen = visit.form.line("meaning"), visit.form.lines("part")[:PARTS]
    parts = [_part(each, place) for place, each in enumerate(chosen, 1) if each]
    try:
        with visit.context.database.transaction() as session:
            now = visit.context.now()
            voice_bank.add_pattern(
                session, visit.me, language, key=_key(meaning), meaning=meaning, parts=parts, now=now
            )
    except LoaError as error:
        return again(visit.request, error, partial(show, visit, language))
    return go(f"/voices/{language}", "kept")


@router.get("/voices/{language}/record/{phrase_id}")
def ask(visit: Visit, language: str, phrase_id: str) -> HTMLResponse:
    """One piece, and the microphone."""
    return show_piece(visit, language, phrase_id)


def show_piece(visit: Visiting, language: str, phrase_id: str, **values: object) -> HTMLResponse:
    """What is to be said, how far it is, and what comes after it."""
    known = languages.require(language)
    with visit.context.database.read() as session:
        sight(session, visit.me)
        every = takes.tasks(session, known.tag)
        task = next((each for each in every if each.phrase.id == phrase_id), None)
        if task is None:
            raise NotFound(what="phrase", id=phrase_id)
        return page(
            visit.request,
            "voice_record.html",
            known=known,
            task=task,
            state=shown.TASK[task.state],
            clip=clip_view(clips.get(session, task.take.clip_sha256)) if task.take else None,
            speaks=native_speakers.speaks(session, visit.me, known.tag),
            next=shown.next_task(every, phrase_id),
            left=sum(each.state in {takes.MISSING, takes.REJECTED} for each in every),
            **values,
        )


@router.post("/voices/{language}/record/{phrase_id}")
def record(visit: Sent, language: str, phrase_id: str) -> Response:
    """Take the recording in and go on to the next piece."""
    context, file = visit.context, visit.form.file("file")
    try:
        with context.database.read() as session:
            native_speakers.require(session, visit.me, language)
            takes.phrase(session, phrase_id)
        if file is None:
            return go(f"/voices/{language}/record/{phrase_id}")
        takes.record(context.database, context.clips, visit.me, phrase_id, file.file, now=context.now())
    except NotFound:
        raise
    except LoaError as error:
        return again(visit.request, error, partial(show_piece, visit, language, phrase_id))
    with context.database.read() as session:
        following = shown.next_task(takes.tasks(session, languages.require(language).tag), phrase_id)
    return go(f"/voices/{language}/record/{following}" if following else f"/voices/{language}", "recorded")


@router.post("/voices/{language}/takes/{take_id}")
def review_piece(visit: Sent, language: str, take_id: str) -> Response:
    """Whether a piece may be heard."""
    accept, note, now = visit.form.line("do") == "accept", visit.form.prose("note"), visit.context.now()
    try:
        with visit.context.database.transaction() as session:
            takes.review(session, visit.me, take_id, accept=accept, note=note, now=now)
    except NotFound:
        raise
    except LoaError as error:
        return again(visit.request, error, partial(show, visit, language))
    return go(f"/voices/{language}", "listened")


@router.post("/voices/{language}/recordings/{sha256}")
def review_recording(visit: Sent, language: str, sha256: str) -> Response:
    """Whether a whole recording may be heard."""
    accept, note, now = visit.form.line("do") == "accept", visit.form.prose("note"), visit.context.now()
    with visit.context.database.transaction() as session:
        reviews.review(session, visit.me, sha256, accept=accept, note=note, now=now)
    return go(f"/voices/{language}", "listened")


@router.get("/voices/{language}/sentences/{key}")
def sentence(visit: Visit, language: str, key: str) -> HTMLResponse:
    """One sentence, to be filled in and listened to."""
    return show_sentence(visit, language, key)


def show_sentence(visit: Visiting, language: str, key: str, **values: object) -> HTMLResponse:
    """The sentence with what is filled in so far."""
    known = languages.require(language)
    with visit.context.database.read() as session:
        seen = sight(session, visit.me)
        row = voice_bank.pattern(session, known.tag, key)
        common = {
            "known": known,
            "sentence": shown.sentence(row, takes.tasks(session, known.tag)),
            "fields": shown.fields(session, row, seen.units),
            "filled": {},
            "heard": None,
            "missing": (),
        }
        return page(visit.request, "voice_sentence.html", **(common | values))


@router.post("/voices/{language}/sentences/{key}")
def try_sentence(visit: Sent, language: str, key: str) -> Response:
    """How the filled sentence sounds, or what it still lacks."""
    context = visit.context
    with context.database.read() as session:
        sight(session, visit.me)
        fields = shown.fields(session, voice_bank.pattern(session, language, key), frozenset())
    filled = {field.name: visit.form.line(f"slot-{field.name}") for field in fields}
    try:
        with context.database.transaction() as session:
            made = voice_bank.assemble(session, language, key, filled)
            if isinstance(made, Missing):
                missing = _asked_for(session, visit, language, made)
                return show_sentence(visit, language, key, filled=filled, missing=missing)
        heard = clips.sound(context.database, context.studio, made, now=context.now())
    except LoaError as error:
        return again(visit.request, error, partial(show_sentence, visit, language, key, filled=filled))
    return show_sentence(visit, language, key, filled=filled, heard=clip_view(heard))


def _asked_for(session: Session, visit: Sending, language: str, lacking: Missing) -> list[tuple[str, str]]:
    """What a sentence lacks, with the address under which it is recorded where it is on the list."""
    if not _writes(visit):
        return [("", words) for words in voice_bank.named(session, language, lacking.needs)]
    asked = voice_bank.ask_for(session, visit.me, language, lacking.needs, now=visit.context.now())
    return [(f"/voices/{language}/record/{row.id}", row.meaning) for row in asked]


def _writes(visit: Visiting) -> bool:
    return bool(units_of(visit.me.grants, Action.WRITE))


def _key(meaning: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", plain(meaning)).strip("-")[:40]


def _part(chosen: str, place: int) -> dict[str, str]:
    kind, _, key = chosen.partition(":")
    if kind == "slot" and key in SLOTS:
        return {"slot": f"{key}-{place}", "kind": key}
    return {PieceKind.PHRASE.value: key}
