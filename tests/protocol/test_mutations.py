"""T21: whatever is done to a sealed document, it is refused, by its own code, and nothing else happens."""

from collections import Counter

import pytest

from firmware_config.protocol import Refusal, Refused
from tests.protocol.mutations import WAYS, spoiled

pytestmark = pytest.mark.pure

CASES = 20_000
# These take a second hearing of the same document; test_acceptance.py has them.
NEED_MEMORY = {Refusal.OLDER, Refusal.CONFLICT, Refusal.REPLAY, Refusal.WRONG_HASH, Refusal.KEY_OUT_OF_DATE}


def test_t21_twenty_thousand_spoiled_documents_are_refused_each_by_its_own_code() -> None:
    codes: Counter[Refusal] = Counter()
    ways: Counter[str] = Counter()
    for case in spoiled(seed=20_261_122, count=CASES):
        with pytest.raises(Refused) as refused:
            case.subject.accept(case.raw)
        assert refused.value.code in case.codes, (case.way, case.subject.name, refused.value, case.raw[:200])
        codes[refused.value.code] += 1
        ways[case.way] += 1
    assert codes.total() == CASES
    assert set(ways) == {way.__name__ for way in WAYS}
    assert set(codes) == set(Refusal) - NEED_MEMORY
