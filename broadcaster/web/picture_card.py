"""A copy as a picture for phones: title, words, hour, place and a QR code that leads to the whole."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from io import BytesIO
from pathlib import Path

import segno
from PIL import Image, ImageDraw, ImageFont

from broadcaster.domain.mirror import Action, Copy
from broadcaster.domain.mirror_wording import badge, cut, moment, notes, plain, title
from firmware_config.protocol import Kind, Klass

FONTS = Path(__file__).parent / "static" / "vendor"
WIDTH, LEAST_HEIGHT, MOST_HEIGHT = 1080, 1080, 1920
EDGE, GAP = 72, 36
QR_SIDE = 264
LEADING = 1.38
SIZES = (58, 52, 46, 40, 36)
INK, SOFT, PAPER, LINE = "#16211c", "#4d5a54", "#ffffff", "#d5ddd9"
GREEN, AMBER, RED, BLUE, GREY = "#0b5d3b", "#9a4a00", "#a80f1f", "#34409b", "#454c49"
TONES = {Klass.NORMAL: GREEN, Klass.PRIORITY: AMBER, Klass.EMERGENCY: RED}
USUAL = "THÔNG BÁO"
HEARD = "Phát trên loa: {when}"
WHOLE = "Quét mã để nghe lại và đọc đầy đủ"
# More than fits on the tallest card in the smallest letters.
MOST_LETTERS = 1_600


@dataclass(frozen=True, slots=True)
class Card:
    """What is written on one, from top to bottom."""

    badge: str
    colour: str
    place: str
    title: str
    notes: tuple[str, ...]
    text: str
    hour: str
    link: str


@dataclass(frozen=True, slots=True)
class Block:
    """Lines in one size, with the space above them."""

    lines: tuple[str, ...]
    size: int
    bold: bool
    colour: str
    above: int = GAP

    @property
    def height(self) -> int:
        """In pixels, with the space above."""
        return self.above + round(len(self.lines) * self.size * LEADING) if self.lines else 0


def card_of(copy: Copy) -> Card:
    """The card of one copy, in the first of its languages that the letters at hand can write."""
    texts = [plain(text.text) for text in copy.texts]
    text = next((each for each in texts if _is_latin(each)), texts[0] if texts else "")
    withdrawn = copy.action is Action.WITHDRAW
    hour = HEARD.format(when=moment(copy.airs_at)) if copy.airs_at and not withdrawn else ""
    return Card(
        badge=badge(copy) or USUAL,
        colour=GREY if withdrawn else BLUE if copy.kind is not Kind.LIVE else TONES[copy.klass],
        place=plain(copy.place),
        title=cut(title(copy), 160),
        notes=tuple(notes(copy)),
        text="" if withdrawn else cut(text, MOST_LETTERS),
        hour=hour,
        link=copy.link,
    )


def draw(card: Card) -> bytes:
    """The card as PNG, 1080 pixels wide and as high as its words need."""
    blocks = _fitting(card)
    height = max(LEAST_HEIGHT, _head_height(card) + sum(block.height for block in blocks) + _foot_height())
    picture = Image.new("RGB", (WIDTH, height), PAPER)
    pen = ImageDraw.Draw(picture)
    top = _draw_head(pen, card)
    for block in blocks:
        top = _draw_block(pen, block, top)
    _draw_foot(picture, pen, card, height)
    out = BytesIO()
    picture.save(out, "PNG", optimize=True)
    return out.getvalue()


def _is_latin(text: str) -> bool:
    return all(unicodedata.name(letter, "").startswith("LATIN") for letter in text if letter.isalpha())


@cache
def _font(size: int, *, bold: bool = False) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(FONTS / ("DejaVuSans-Bold.ttf" if bold else "DejaVuSans.ttf"), size)


def _fitting(card: Card) -> list[Block]:
    """The words in the largest letters with which they fit; in the smallest, fewer sentences of them."""
    room = MOST_HEIGHT - _head_height(card) - _foot_height()
    blocks: list[Block] = []
    for size in SIZES:
        blocks = _blocks(card, size)
        if sum(block.height for block in blocks) <= room:
            return blocks
    for letters in range(MOST_LETTERS, -1, -100):
        blocks = _blocks(replace(card, text=cut(card.text, letters)), SIZES[-1])
        if sum(block.height for block in blocks) <= room:
            return blocks
    return blocks


def _blocks(card: Card, size: int) -> list[Block]:
    large = round(size * 1.25)
    wanted = [(card.title, large, True, INK), *((note, size - 6, True, card.colour) for note in card.notes)]
    wanted += [(card.text, size, False, INK), (card.hour, size - 4, True, card.colour)]
    return [Block(_wrapped(text, px, bold=bold), px, bold, ink) for text, px, bold, ink in wanted if text]


def _wrapped(text: str, size: int, *, bold: bool = False, width: int = WIDTH - 2 * EDGE) -> tuple[str, ...]:
    font = _font(size, bold=bold)
    lines: list[str] = []
    for paragraph in text.split("\n"):
        line = ""
        for word in paragraph.split(" "):
            longer = f"{line} {word}".strip()
            if line and font.getlength(longer) > width:
                lines, longer = [*lines, line], word
            while font.getlength(longer) > width:
                fits = next(n for n in range(len(longer) - 1, 0, -1) if font.getlength(longer[:n]) <= width)
                lines, longer = [*lines, longer[:fits]], longer[fits:]
            line = longer
        lines.append(line)
    return tuple(lines)


def _place_lines(card: Card) -> Sequence[str]:
    return _wrapped(card.place, 40)[:2]


def _head_height(card: Card) -> int:
    return 92 + len(_wrapped(card.badge, 56, bold=True)) * 76 + len(_place_lines(card)) * 56


def _draw_head(pen: ImageDraw.ImageDraw, card: Card) -> int:
    height = _head_height(card)
    pen.rectangle((0, 0, WIDTH, height), fill=card.colour)
    top = _draw_block(pen, Block(_wrapped(card.badge, 56, bold=True), 56, bold=True, colour=PAPER, above=40), 0)
    _draw_block(pen, Block(tuple(_place_lines(card)), 40, bold=False, colour=PAPER, above=4), top)
    return height + 8


def _draw_block(pen: ImageDraw.ImageDraw, block: Block, top: int) -> int:
    for number, line in enumerate(block.lines):
        at = (EDGE, top + block.above + round(number * block.size * LEADING))
        pen.text(at, line, font=_font(block.size, bold=block.bold), fill=block.colour)
    return top + block.height


def _foot_height() -> int:
    return QR_SIDE + 2 * GAP + 48


def _draw_foot(picture: Image.Image, pen: ImageDraw.ImageDraw, card: Card, height: int) -> None:
    top = height - QR_SIDE - GAP
    pen.line((EDGE, top - GAP, WIDTH - EDGE, top - GAP), fill=LINE, width=3)
    code = BytesIO()
    segno.make(card.link, error="m").save(code, kind="png", scale=8, border=0)
    with Image.open(code) as drawn:
        side = drawn.convert("RGB").resize((QR_SIDE, QR_SIDE), Image.Resampling.NEAREST)
    picture.paste(side, (WIDTH - EDGE - QR_SIDE, top))
    width = WIDTH - 2 * EDGE - QR_SIDE - GAP
    said = Block(_wrapped(WHOLE, 38, bold=True, width=width), 38, bold=True, colour=INK, above=0)
    below = _draw_block(pen, said, top)
    link = card.link.partition("://")[2] or card.link
    _draw_block(pen, Block(_wrapped(link, 34, width=width)[:3], 34, bold=False, colour=SOFT, above=12), below)
