"""`loa bundle …`: what is carried to loudspeakers without a signal, and what comes back."""

import contextlib
import hashlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.progress import Progress

from broadcaster.app import Ground, utc_now
from broadcaster.commands.ground import FAILED, err, ground, out
from broadcaster.domain.errors import NothingCarried, UnknownClip
from broadcaster.links.clips_on_disk import ClipsOnDisk
from broadcaster.services.actor import SYSTEM
from broadcaster.services.speaking import carrying
from broadcaster.services.speaking.carrying import Load, Returned
from firmware_config import carried, carried_zip

app = typer.Typer(no_args_is_help=True, add_completion=False, help="Bundles carried by hand: export, import.")
Json = Annotated[bool, typer.Option("--json", help="A JSON object.")]


@app.command("export")
def export(
    speaker: Annotated[list[str], typer.Option(help="The id of a speaker; may be repeated.")],
    to: Annotated[Path, typer.Option(help="The stick: the folder where it is mounted.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what it would hold, and how large.")] = False,
    as_json: Json = False,
) -> None:
    """Write what these speakers should hold onto a stick; several may share one, each clip lies there once."""
    with ground() as here:
        with here.database.transaction() as session:
            load = carrying.load(session, SYSTEM, speaker, signing=here.signing, now=utc_now())
            if dry_run:
                session.rollback()
        written = 0 if dry_run else _write(here, load, to, quiet=as_json)
    if as_json:
        print(json.dumps(_shown(load, written), ensure_ascii=False, indent=2))
        return
    for one in load.speakers:
        until = f"{one.last:%Y-%m-%d %H:%M} UTC" if one.last else "–"
        out.print(
            f"{one.speaker}: {one.airings} airings, the last {until}; take it there before {one.valid_until:%Y-%m-%d}."
        )
    out.print(
        f"{load.bytes / 1e6:.1f} MB in all, {written / 1e6:.1f} MB written"
        + (" (dry run)." if dry_run else f" → {to}.")
    )


@app.command("import")
def take_back(
    stick: Annotated[Path, typer.Argument(help="The stick's folder, or the zip of the speaker's page.")],
    as_json: Json = False,
) -> None:
    """Take the receipts back that speakers wrote; doing it twice does no harm."""
    try:
        with ground() as here:
            found = carrying.take_back(here.database, SYSTEM, batches_of(stick), now=utc_now())
    except carried_zip.BadZip as broken:
        raise NothingCarried from broken
    if not found:
        raise NothingCarried
    if as_json:
        print(json.dumps([_said(one) for one in found], ensure_ascii=False, indent=2))
    else:
        for one in found:
            refused = ", ".join(f"{number} batches refused: {code}" for code, number in one.refused.items())
            out.print(f"{one.speaker}: {one.new} new, all here up to {one.through}. {refused}".rstrip())
    if any(one.refused for one in found):
        sys.exit(FAILED)


def batches_of(stick: Path) -> Iterator[tuple[str, bytes]]:
    """The receipts on a stick or in a zip, by speaker; what is no plain file of its kind is passed over."""
    if stick.is_file():
        with stick.open("rb") as file:
            yield from carried_zip.batches(file)
        return
    for name in carried.batches(stick):
        try:
            yield name.split("/")[2], carried.read_plain(stick, name)
        except carried.NotPlain as failure:
            err.print(f"{name}: {failure}", markup=False)


def _write(here: Ground, load: Load, to: Path, *, quiet: bool) -> int:
    """What is new is written whole and reaches the stick before this returns; the bytes written."""
    to.mkdir(parents=True, exist_ok=True)
    clips, written = ClipsOnDisk(here.home.clips), 0
    with Progress(console=out, disable=quiet) as progress:
        task = progress.add_task("stick", total=load.bytes)
        # The manifests come last: a stick that is pulled out early tells of nothing it does not hold.
        last = sorted(load.documents, key=lambda name: (name.startswith("loa/manifests/"), name))
        for name in [*load.clips, *last]:
            content = load.documents.get(name) or clips.read(load.clips[name].sha256)
            if content is None:
                raise UnknownClip(id=load.clips[name].sha256)
            if not _lies_there(to, name, content):
                carried.write_whole(to, name, content)
                written += len(content)
            progress.advance(task, len(content))
    carried.tidy(to)
    return written


def _lies_there(to: Path, name: str, content: bytes) -> bool:
    with contextlib.suppress(OSError):
        there = carried.read_plain(to, name, len(content))
        return hashlib.sha256(there).digest() == hashlib.sha256(content).digest()
    return False


def _shown(load: Load, written: int) -> dict[str, Any]:
    speakers = [
        {
            "id": one.speaker,
            "airings": one.airings,
            "last": one.last.isoformat() if one.last else None,
            "valid_until": one.valid_until.isoformat(),
        }
        for one in load.speakers
    ]
    return {"speakers": speakers, "bytes": load.bytes, "written": written, "clips": len(load.clips)}


def _said(one: Returned) -> dict[str, Any]:
    return {"id": one.speaker, "new": one.new, "through": one.through, "refused": dict(one.refused)}
