"""Names that nothing else has: of requests, of leases. No secrets."""

import os
import random

# Its own: what draws from the common one may be told what to draw.
_dice = random.Random()  # noqa: S311 - no secret
# Or processes that come of one would draw alike.
os.register_at_fork(after_in_child=_dice.seed)


def name() -> str:
    """16 hexadecimal digits at random; each tile takes two, so the kernel is not asked for them."""
    return f"{_dice.getrandbits(64):016x}"
