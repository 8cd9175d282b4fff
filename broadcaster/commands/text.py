"""`loa spoken`: how written words will be read aloud."""

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from audio.script import spoken as as_spoken
from broadcaster.domain.errors import Malformed


def spoken(
    language: Annotated[str, typer.Option(help="BCP 47 tag of the text.")] = "vi",
    dictionary: Annotated[Path | None, typer.Option(help="A commune's own dictionary: written<TAB>spoken.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object for each line.")] = False,
) -> None:
    """Read lines on standard input and print each as it would be read aloud, one line for one line."""
    own = read_dictionary(dictionary) if dictionary else None
    # Whatever the terminal's locale: our texts are UTF-8, and a stray byte must not stop the other lines.
    source: Any = sys.stdin
    source.reconfigure(encoding="utf-8", errors="replace", newline="\n")
    target: Any = sys.stdout
    target.reconfigure(encoding="utf-8")
    for line in source:
        written = line.rstrip("\r\n")
        said = as_spoken(written, language=language, dictionary=own).replace("\n", " ")
        print(json.dumps({"written": written, "spoken": said}, ensure_ascii=False) if as_json else said, flush=True)


def read_dictionary(path: Path) -> dict[str, str]:
    """The entries of a dictionary file; raises Malformed naming the line that is not `written<TAB>spoken`."""
    entries: dict[str, str] = {}
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise Malformed(field=str(path), problem=error.reason) from None
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip() or line.startswith("#"):
            continue
        written, tab, said = line.partition("\t")
        if not (tab and written.strip() and said.strip()):
            raise Malformed(field=f"{path}:{number}", problem="written<TAB>spoken")
        entries[written.strip()] = said.strip()
    return entries
