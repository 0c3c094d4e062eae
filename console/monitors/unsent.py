"""What is said when a message could not be sent."""

from backend.errors import Unavailable


class NotSent(Unavailable):
    """A message was not taken by the other side; try again. The sentence holds no secret.

    Of its own kind, as a database that cannot be used is `Unavailable` as well, and no message's
    fault.
    """
