"""Which passwords are taken: long enough, and none that others would try first; no rules on what they are made of."""

import re

from broadcaster.domain.errors import PasswordGuessable, PasswordTooLong, PasswordTooShort
from broadcaster.domain.words import plain

SHORTEST, LONGEST = 10, 200
# What people here build passwords of: with digits and signs around it, such a word is among the first that are tried.
_WORDS = """
matkhau password passwd passw pass admin administrator quantri quantrivien loaphuong loaxa loathanh loa
truyenthanh daiphatthanh phatthanh ubnd ubndxa ubndphuong uyban chinhquyen chutich xaphuong vietnam hanoi
hochiminh saigon danang haiphong cantho anhyeuem emyeuanh yeuem yeuanh iloveyou ilove tinhyeu giadinh hanhphuc
conyeu bongda qwerty qwertyuiop qwertyuiopasdf asdfghjkl asdfgh zxcvbnm zxcvbn qazwsx qazwsxedc qweasd
qweasdzxc abc abcd abcde abcdef abcdefgh abcdefghij aaa letmein welcome monkey dragon football sunshine
princess superman batman trustno changeme default guest test user motdepasse azerty azertyuiop bonjour soleil
"""
COMMON = frozenset(_WORDS.split())
_AROUND = re.compile(r"^[^a-z]+|[^a-z]+$")
_ROWS = ("0123456789" * 2, "9876543210" * 2)
_TELEPHONE = re.compile(r"(0|84|\+84)[35789]\d{8}")


def check(password: str, *, about: tuple[str, ...] = ()) -> None:
    """Raise PasswordTooShort, PasswordTooLong or PasswordGuessable; `about` are words everybody knows of its owner."""
    if len(password) < SHORTEST:
        raise PasswordTooShort(least=SHORTEST)
    if len(password) > LONGEST:
        raise PasswordTooLong(limit=LONGEST)
    if guessable(password, about=about):
        raise PasswordGuessable


def guessable(password: str, *, about: tuple[str, ...] = ()) -> bool:
    """Whether it is a row of digits, a telephone number, one thing over and over, or a common word with trimmings."""
    text = plain(password)
    closed = text.replace(" ", "")
    if len(set(closed)) < 4 or any(closed in row for row in _ROWS) or _TELEPHONE.fullmatch(closed):
        return True
    if any((closed[:size] * len(closed)).startswith(closed) for size in range(1, 7)):
        return True
    known = COMMON | {_letters(word) for word in about if len(_letters(word)) >= 3}
    return re.sub(r"[^a-z0-9]", "", _AROUND.sub("", text)) in known


def _letters(text: str) -> str:
    return re.sub(r"[^a-z]", "", plain(text))
