"""The voice banks: languages, what is to be recorded in them, reviews, and sentences put together."""

from typing import Annotated

from fastapi import APIRouter, File, UploadFile
from pydantic import Field
from sqlalchemy.orm import Session
from starlette.responses import Response

from broadcaster.domain import languages
from broadcaster.domain.languages import LANGUAGES
from broadcaster.services.sound import clips, reviews, takes, voice_bank
from broadcaster.services.sound.takes import Progress, Task
from broadcaster.web.api.models import Clip, Given, Ref, Shown, Text
from broadcaster.web.api.sounds import sha256_of
from broadcaster.web.api.writes import PREFIX, PROBLEMS, Writes
from broadcaster.web.asking import Caller, Web
from broadcaster.web.shown.sight import sight

router = APIRouter(prefix=f"{PREFIX}/voices", tags=["voices"], responses=PROBLEMS)
Words = Annotated[Text, Field(min_length=1, max_length=voice_bank.LONGEST)]


class Language(Shown):
    """One language; `voice` says whether a machine reads it, the numbers how far its voice bank is."""

    language: str
    names: dict[str, str]
    voice: bool
    pieces: int
    accepted: int
    waiting: int


class Piece(Shown):
    """One piece to be recorded; `state` is missing, waiting, rejected or accepted."""

    id: str
    kind: str
    key: str
    meaning: str
    text: str
    state: str
    take: str | None
    clip: str | None


class Sentence(Shown):
    """A sentence: its phrases, and its slots with their kinds (time, date, number, place …)."""

    key: str
    meaning: str
    parts: list[dict[str, str]]


class Bank(Language):
    """One language with all its pieces and sentences."""

    tasks: list[Piece]
    sentences: list[Sentence]


class Added(Shown):
    """How many pieces are new on the list."""

    pieces: int


class NewPhrase(Given):
    """A phrase to be recorded, with what it says in Vietnamese."""

    key: Ref
    meaning: Words
    text: Annotated[Text, Field(max_length=voice_bank.LONGEST)] = ""


class NewSentence(Given):
    """Parts are {"phrase": key} or {"slot": name, "kind": kind}."""

    key: Ref
    meaning: Words
    parts: Annotated[list[dict[Ref, Ref]], Field(max_length=voice_bank.MOST_PARTS)]


class Filled(Given):
    """A sentence and what is filled in: time "17:30", date "2026-11-24", place a unit's id."""

    pattern: Ref
    slots: dict[Ref, Ref] = Field(default_factory=dict)


class Verdict(Given):
    """Whether it may be heard, and what is wrong with it."""

    accept: bool
    note: Annotated[Text, Field(max_length=takes.LONGEST_NOTE)] = ""


class Reviewed(Shown):
    """What was said of a recording."""

    id: str
    accepted: bool
    note: str


class Taken(Shown):
    """A recording of a piece, which waits for a second person."""

    id: str
    phrase_id: str
    clip_sha256: str


@router.get("")
def list_languages(context: Web, caller: Caller) -> list[Language]:
    """Every language announcements can be made in, in the order in which they are offered."""
    with context.database.read() as session:
        sight(session, caller)
        far = takes.progress(session)
    return [_language(tag, far.get(tag)) for tag in LANGUAGES]


@router.get("/{language}")
def read_language(context: Web, caller: Caller, language: Ref) -> Bank:
    """One language: its pieces and how far each is, and its sentences."""
    tag = languages.require(language).tag
    with context.database.read() as session:
        sight(session, caller)
        facts = _language(tag, takes.progress(session).get(tag)).model_dump()
        tasks = [_piece(task) for task in takes.tasks(session, tag)]
        rows = voice_bank.patterns(session, tag)
        sentences = [Sentence(key=row.key, meaning=row.meaning, parts=row.parts["parts"]) for row in rows]
    return Bank(**facts, tasks=tasks, sentences=sentences)


@router.post("/{language}/start", response_model=Added)
def start(write: Writes, language: Ref) -> Response:
    """Put the usual phrases, values, villages and sentences on the list; what is there stays."""
    now = write.context.now()
    return write.answer("", lambda s: Added(pieces=voice_bank.start(s, write.caller, language, now=now)))


@router.post("/{language}/phrases", status_code=201, response_model=Piece)
def add_phrase(write: Writes, language: Ref, given: NewPhrase) -> Response:
    """One more phrase to be recorded."""
    now = write.context.now()

    def work(session: Session) -> Piece:
        row = voice_bank.add_phrase(
            session, write.caller, language, key=given.key, meaning=given.meaning, text=given.text, now=now
        )
        return _piece(Task(row, takes.MISSING, None))

    return write.answer(given, work, 201)


@router.post("/{language}/sentences", status_code=201, response_model=Sentence)
def add_sentence(write: Writes, language: Ref, given: NewSentence) -> Response:
    """One more sentence, of phrases the language has."""
    now = write.context.now()

    def work(session: Session) -> Sentence:
        row = voice_bank.add_pattern(
            session, write.caller, language, key=given.key, meaning=given.meaning, parts=given.parts, now=now
        )
        return Sentence(key=row.key, meaning=row.meaning, parts=row.parts["parts"])

    return write.answer(given, work, 201)


@router.post("/{language}/assemble", response_model=Clip)
def assemble(context: Web, caller: Caller, language: Ref, given: Filled) -> Clip:
    """How a filled sentence sounds; `pieces_missing` names what is still to be recorded."""
    with context.database.read() as session:
        sight(session, caller)
        made = voice_bank.assembled(session, language, given.model_dump())
    return Clip.model_validate(clips.sound(context.database, context.studio, made, now=context.now()))


@router.post("/phrases/{phrase_id}/takes", status_code=201, response_model=Taken)
def add_take(write: Writes, phrase_id: Ref, file: Annotated[UploadFile, File()]) -> Response:
    """A recording of a piece by someone who speaks the language; it waits for a second person."""
    context, wanted = write.context, f"{sha256_of(file)} {phrase_id}"
    if known := write.answered(wanted):
        return known
    take = takes.record(context.database, context.clips, write.caller, phrase_id, file.file, now=context.now())
    return write.answer(wanted, lambda _: Taken.model_validate(take), 201)


@router.post("/takes/{take_id}/review", response_model=Reviewed)
def review_take(write: Writes, take_id: Ref, given: Verdict) -> Response:
    """Say whether a piece may be heard, as someone who speaks the language and did not record it."""
    now, accept, note = write.context.now(), given.accept, given.note
    return write.answer(
        given,
        lambda s: Reviewed.model_validate(takes.review(s, write.caller, take_id, accept=accept, note=note, now=now)),
    )


@router.post("/recordings/{sha256}/review", response_model=Reviewed)
def review_recording(write: Writes, sha256: Ref, given: Verdict) -> Response:
    """The same of a whole recording, where no machine reads its language."""
    now, accept, note = write.context.now(), given.accept, given.note
    return write.answer(
        given,
        lambda s: Reviewed.model_validate(reviews.review(s, write.caller, sha256, accept=accept, note=note, now=now)),
    )


def _language(tag: str, far: Progress | None) -> Language:
    language, counts = LANGUAGES[tag], far or Progress(tag, 0, 0, 0)
    return Language(
        language=tag,
        names={"vi": language.vi, "en": language.en, "fr": language.fr, "own": language.own},
        voice=language.voice,
        pieces=counts.pieces,
        accepted=counts.accepted,
        waiting=counts.waiting,
    )


def _piece(task: Task) -> Piece:
    row, take = task.phrase, task.take
    return Piece(
        id=row.id,
        kind=row.kind,
        key=row.key,
        meaning=row.meaning,
        text=row.text,
        state=task.state,
        take=take.id if take else None,
        clip=take.clip_sha256 if take else None,
    )
