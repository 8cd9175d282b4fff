"""Letter names, spelling, and whether a run of letters could be a Vietnamese syllable."""

import re
import unicodedata
from functools import cache

from audio.script.tables import pairs, words

_NAMES = pairs("""
a=a|ă=á|â=ớ|b=bê|c=xê|d=dê|đ=đê|e=e|ê=ê|f=ép|g=gờ|h=hát|i=i|j=gi|k=ca|l=lờ|m=mờ|n=nờ|o=o|ô=ô|ơ=ơ|p=pê
q=quy|r=rờ|s=ét|t=tê|u=u|ư=ư|v=vê|w=vê kép|x=ích|y=y|z=dét
""")

_TONES = "\u0300\u0301\u0303\u0309\u0323"
_SHARP_OR_HEAVY = "\u0301\u0323"
_INITIALS = "ngh|ng|nh|gh|gi|kh|ph|qu|th|tr|ch|b|c|d|đ|g|h|k|l|m|n|p|r|s|t|v|x|"
_OPEN = words(
    "ynh|a|ai|ao|au|ay|am|an|ang|anh|ăm|ăn|ăng|âm|ân|âng|âu|ây|e|em|en|eng|eo|ê|êm|ên|ênh|êu|"
    "i|ia|im|in|inh|iu|iêm|iên|iêng|iêu|o|oa|oai|oan|oang|oanh|oay|oao|oe|oen|oeo|oi|om|"
    "on|ong|oong|oăn|oăng|oăm|ô|ôi|ôm|ôn|ông|ơ|ơi|ơm|ơn|u|ua|ui|um|un|ung|uôi|uôm|uôn|"
    "uông|uân|uâng|uây|uê|uênh|uơ|uy|uya|uyên|uynh|uyu|ư|ưa|ưi|ưm|ưn|ưng|ưu|ươi|ươm|ươn|"
    "ương|ươu|y|yên|yêm|yêng|yêu"
)
_STOPPED = words(
    "yt|yp|uyp|ac|ach|ap|at|ăc|ăp|ăt|âc|âp|ât|ec|ep|et|êch|êp|êt|ich|ip|it|iêc|iêp|iêt|oac|oach|oat|"
    "oap|oet|oăc|oăt|oc|op|ot|ooc|ôc|ôp|ôt|ơp|ơt|uc|up|ut|uôc|uôt|uât|uych|uyêt|uyt|uêch|"
    "ưc|ưt|ươc|ươp|ươt|yêt|ưp"
)
_OPEN_SYLLABLE = re.compile(rf"(?:{_INITIALS})(?:{'|'.join(_OPEN)})\Z")
_STOPPED_SYLLABLE = re.compile(rf"(?:{_INITIALS})(?:{'|'.join(_STOPPED)})\Z")


def spell(written: str) -> str:
    """Every letter by the name a child learns at school; marks and unknown signs are passed over."""
    names = (_NAMES.get(one) or _NAMES.get(_bare(one), "") for one in written.lower())
    return " ".join(name for name in names if name)


def letter(one: str) -> str:
    """The name of one letter, or the letter itself where it has none."""
    return _NAMES.get(one.lower(), one)


@cache
def is_syllable(written: str) -> bool:
    """Whether `written`, in any case, is spelled as a Vietnamese syllable may be, its tone mark included."""
    decomposed = unicodedata.normalize("NFD", written.lower())
    tones = [mark for mark in decomposed if mark in _TONES]
    if len(tones) > 1:
        return False
    plain = unicodedata.normalize("NFC", "".join(one for one in decomposed if one not in _TONES))
    if _STOPPED_SYLLABLE.match(plain):
        return bool(tones) and tones[0] in _SHARP_OR_HEAVY
    return bool(_OPEN_SYLLABLE.match(plain))


def is_bare_syllable(written: str) -> bool:
    """Whether `written` is a syllable with its marks left off, as in addresses on the net."""
    return written in _BARE


def _bare(one: str) -> str:
    return unicodedata.normalize("NFD", one)[0].replace("đ", "d")


def _bare_syllables() -> frozenset[str]:
    rimes = {"".join(_bare(one) for one in rime) for rime in (*_OPEN, *_STOPPED)}
    initials = {initial.replace("đ", "d") for initial in _INITIALS.split("|")}
    return frozenset(initial + rime for initial in initials for rime in rimes)


_BARE = _bare_syllables()
