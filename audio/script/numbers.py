"""Numbers in words, as a northern announcer says them: nghìn, linh, mốt, lăm."""

_DIGITS = ("không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín")
_SCALES = ("", "nghìn", "triệu")
_LARGEST = 10**24


def digits(written: str) -> str:
    """Each digit by its own name; whatever is not a digit is passed over."""
    return " ".join(_DIGITS[int(one)] for one in written if one.isdecimal())


def cardinal(number: int) -> str:
    """A whole number in words; from 10^24 on, where nobody can follow, digit by digit."""
    if number < 0:
        return f"âm {cardinal(-number)}"
    if number == 0:
        return _DIGITS[0]
    if number >= _LARGEST:
        return digits(str(number))
    return _billions(number)


def _billions(number: int) -> str:
    above, rest = divmod(number, 10**9)
    words = [f"{_billions(above)} tỷ"] if above else []
    if rest:
        words.append(_below_billion(rest, padded=bool(above)))
    return " ".join(words)


def _below_billion(number: int, *, padded: bool) -> str:
    words: list[str] = []
    for power in (2, 1, 0):
        group = number // 1000**power % 1000
        if group:
            words.append(f"{_group(group, padded=padded or bool(words))} {_SCALES[power]}".strip())
    return " ".join(words)


def _group(number: int, *, padded: bool) -> str:
    hundreds, rest = divmod(number, 100)
    words = [f"{_DIGITS[hundreds]} trăm"] if hundreds or padded else []
    if rest:
        words.append(_tens(rest, after_hundreds=bool(words)))
    return " ".join(words)


def _tens(number: int, *, after_hundreds: bool) -> str:
    tens, ones = divmod(number, 10)
    if tens == 0:
        return f"linh {_DIGITS[ones]}" if after_hundreds else _DIGITS[ones]
    ten = "mười" if tens == 1 else f"{_DIGITS[tens]} mươi"
    if ones == 0:
        return ten
    one = "mốt" if ones == 1 and tens > 1 else "lăm" if ones == 5 else _DIGITS[ones]
    return f"{ten} {one}"


def whole(written: str) -> str:
    """A whole number as written, with or without thousands marks; "05" is five."""
    return cardinal(int("".join(one for one in written if one.isdecimal()) or "0"))


def coded(written: str) -> str:
    """A document's or form's number, whose leading zero is spoken: "06" is "không sáu"."""
    zeros = len(written) - len(written.lstrip("0"))
    tail = written[zeros:]
    return " ".join([*["không"] * zeros, *([cardinal(int(tail))] if tail else [])])


def fraction_part(written: str) -> str:
    """What follows the decimal comma: up to three digits as a number, longer or zero-led ones digit by digit."""
    return digits(written) if written.startswith("0") or len(written) > 3 else cardinal(int(written))


def ordinal(number: int) -> str:
    """What stands after "thứ": nhất, hai, ba, tư, năm …"""
    return {1: "nhất", 4: "tư"}.get(number) or cardinal(number)
