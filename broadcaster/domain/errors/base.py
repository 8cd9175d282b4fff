"""Every refusal: one class, one stable code, one HTTP status, and what a person reads.

The docstring of a class is its English message and so its message id for translation; `kept` says what was not
lost and `todo` what to do now. Each code is a heading in docs/errors.md.
"""

import inspect
from typing import ClassVar

UNCHANGED = "Nothing was changed."
AS_BEFORE = "The announcement stays as it was."
STORED = "Everything accepted before is stored."
TYPED = "What you have written stays on the page."

ERRORS: dict[str, type["LoaError"]] = {}


class LoaError(Exception):
    """Something went wrong that we did not foresee."""

    code: ClassVar[str] = "unexpected"
    status: ClassVar[int] = 500
    kept: ClassVar[str] = STORED
    todo: ClassVar[str] = "Try again; if it happens again, tell whoever looks after the server."

    def __init_subclass__(cls) -> None:
        if cls.code in ERRORS:
            raise TypeError(f"two refusals with the code {cls.code}")
        ERRORS[cls.code] = cls

    def __init__(self, **params: str | int) -> None:
        self.params = params
        super().__init__(self.message().format(**params))

    @classmethod
    def message(cls) -> str:
        """The English sentence, with the names of its parameters in braces."""
        return inspect.cleandoc(cls.__doc__ or cls.code)

    @classmethod
    def sentences(cls) -> tuple[str, str, str]:
        """What happened, what was kept, what to do: three message ids."""
        return cls.message(), cls.kept, cls.todo


ERRORS[LoaError.code] = LoaError


def message_ids() -> list[str]:
    """Every sentence a translation must know, in order and without repeats."""
    return list(dict.fromkeys(sentence for error in ERRORS.values() for sentence in error.sentences()))
