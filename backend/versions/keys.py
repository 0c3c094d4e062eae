"""The key that manifests are signed with: a file outside the database, readable by its owner."""

import contextlib
import errno
import hashlib
import hmac
import os
import secrets
import stat
from dataclasses import dataclass
from pathlib import Path

from backend.errors import Unavailable

KEY_BYTES = 32
MOST_BYTES = 4_096


@dataclass(frozen=True)
class Key:
    """The key in a file. It is read at each use, so that another one counts at once."""

    path: Path

    @property
    def exists(self) -> bool:
        """Whether there is a file; whether it can be used is another question."""
        return os.path.lexists(self.path)

    def digest(self, message: bytes) -> str:
        """HMAC-SHA256 of a message, in hexadecimal.

        Raises:
            Unavailable: the key cannot be used; the sentence names its file.
        """
        return hmac.new(self.read(), message, hashlib.sha256).hexdigest()

    def name(self) -> str:
        """What tells this key from others and gives nothing of it away: 16 hexadecimal digits.

        Raises:
            Unavailable: as `digest`.
        """
        return self.digest(b"the name of this key")[:16]

    def read(self) -> bytes:
        """The key itself, 32 to 4,096 bytes.

        Raises:
            Unavailable: the file is missing, too short or too long, not a plain file, or open to
                others than its owner.
        """
        try:
            # Without waiting: somebody may have put a pipe there.
            handle = os.open(self.path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
        except FileNotFoundError:
            raise Unavailable(
                f"There is no key file `{self.path}`. Copy the key there from the machine that"
                " signed, or name its place in `WATCHDESK_KEY_FILE`."
            ) from None
        except OSError as error:
            raise Unavailable(
                f"The key file `{self.path}` cannot be read ({error.strerror}). Make it readable"
                " for the user that runs this, and for nobody else (`chmod 600`)."
            ) from error
        try:
            self._check(os.fstat(handle))
            return os.read(handle, MOST_BYTES)
        finally:
            os.close(handle)

    def make(self) -> None:
        """Make the file with 32 random bytes and mode 600, unless there is one.

        Several processes may call it at once: all go on with the one that came first. A file
        appears whole or not at all.

        Raises:
            Unavailable: it cannot be made.
        """
        if self.exists:
            return
        # A name that nobody else has; made by O_EXCL, then linked, which fails where one exists.
        draft = self.path.with_name(f"{self.path.name}.{secrets.token_hex(8)}")
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
            with os.fdopen(handle, "wb") as file:
                file.write(secrets.token_bytes(KEY_BYTES))
                file.flush()
                os.fsync(file.fileno())
            with contextlib.suppress(FileExistsError):
                os.link(draft, self.path)
        except OSError as error:
            raise Unavailable(
                f"The key file `{self.path}` cannot be made"
                f" ({os.strerror(error.errno or errno.EIO)}). Make its folder writable, or set"
                " `WATCHDESK_KEY_FILE` to a file in a folder of yours."
            ) from error
        finally:
            with contextlib.suppress(OSError):
                draft.unlink()

    def _check(self, found: os.stat_result) -> None:
        if not stat.S_ISREG(found.st_mode):
            raise Unavailable(
                f"The key file `{self.path}` is no plain file. Name one in `WATCHDESK_KEY_FILE`,"
                " or remove it: a key is made on first use."
            )
        if found.st_mode & 0o077:
            raise Unavailable(
                f"The key file `{self.path}` is open to others (mode"
                f" {stat.S_IMODE(found.st_mode):o}; expected 600), who could sign with it. Run"
                f" `chmod 600 {self.path}`; if others have read it, remove it and sign again."
            )
        if not KEY_BYTES <= found.st_size <= MOST_BYTES:
            raise Unavailable(
                f"The key file `{self.path}` has {found.st_size:,} bytes; expected"
                f" {KEY_BYTES} to {MOST_BYTES:,}. Copy it again from the machine that signed, or"
                " remove it, let another be made, and sign again: `python -m console sign --all`."
            )
