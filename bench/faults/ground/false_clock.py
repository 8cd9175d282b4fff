"""`loa-agent` under libfaketime, which cannot tell Python's sleep apart from one that ends by the wall clock."""

import select
import sys
import time


def _sleep(seconds: float) -> None:
    select.select((), (), (), seconds)


if __name__ == "__main__":
    # Before anything of the agent takes hold of the other one.
    time.sleep = _sleep  # type: ignore[assignment]
    from device_agent.__main__ import main

    sys.exit(main())
