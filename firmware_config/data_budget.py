"""What a SIM card's month still allows, decided alike by the speaker and by whoever foresees it."""

from firmware_config.protocol import Klass

SHARES: dict[Klass, int | None] = {Klass.NORMAL: 80, Klass.PRIORITY: 95, Klass.EMERGENCY: None}
"""Up to how many hundredths of the month's cap clips of a class are fetched; the rest keeps the speaker in touch."""


def may_fetch(klass: Klass, used: int, cap: int, more: int) -> bool:
    """Whether `more` bytes for a clip of this class stay within its share of the cap; a cap of 0 holds nothing back."""
    share = SHARES[klass]
    return share is None or cap == 0 or 100 * (used + more) <= share * cap
