"""Whatever a provider says can be kept, and what can be kept is not changed."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from broadcaster.domain.mirror import CopyState, Outcome
from broadcaster.domain.mirror_answer import NAME_MOST, keepable

pytestmark = pytest.mark.pure

anything = st.text(st.characters(categories=("L", "Cc", "Cs")), max_size=NAME_MOST + 20)


@given(anything, st.none() | anything)
@example("\x00a\ud83d", "m" * 300)
def test_every_answer_can_be_kept(said: str, name: str | None) -> None:
    outcome = Outcome(CopyState.ACCEPTED, remote_id=name, provider_code=said, detail=said, changed=((said, said),))
    kept = keepable(outcome)
    for text in (kept.remote_id or "", kept.provider_code, kept.detail, *kept.changed[0]):
        assert "\x00" not in text
        assert text.encode().decode() == text
    assert len(kept.provider_code) <= NAME_MOST
    assert kept.remote_id is None or 0 < len(kept.remote_id) <= NAME_MOST
    assert keepable(kept) == kept


@given(st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=NAME_MOST))
def test_an_ordinary_answer_stays_as_it_was(said: str) -> None:
    outcome = Outcome(CopyState.FAILED, remote_id=said or None, provider_code=said, detail=said, retry_after=7)
    assert keepable(outcome) == outcome
