"""Settings: environment variables, read once into one frozen object. All are optional."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from backend.errors import Unusable

ROOT = Path(__file__).resolve().parent.parent
LOOPBACK_HOSTS = ("127.0.0.1", "localhost", "[::1]")


@dataclass(frozen=True)
class Settings:
    """What may be set from outside; the field `x` is the variable `WATCHDESK_X`."""

    data_dir: Path
    """`WATCHDESK_DATA_DIR`: the local database and caches. Default `data/local`."""
    database_url: str
    """`WATCHDESK_DATABASE_URL`: default one SQLite file in the data directory."""
    host: str
    """`WATCHDESK_HOST`: where the prediction service listens. Default 127.0.0.1."""
    port: int
    """`WATCHDESK_PORT`: default 8000."""
    backend_url: str | None
    """`WATCHDESK_BACKEND_URL`: an external service; the launcher then starts none."""
    allowed_hosts: tuple[str, ...]
    """`WATCHDESK_ALLOWED_HOSTS`: comma-separated names that a request's Host and Origin may
    carry beside the loopback ones; `*` allows any."""
    default_model: str | None
    """`WATCHDESK_DEFAULT_MODEL`: the model of `POST /predict` when the body names none."""
    demo: bool
    """`WATCHDESK_DEMO`: `no` leaves an empty database empty. Default `yes`."""
    user: str
    """`WATCHDESK_USER`: the name recorded with changes until sign-in exists."""
    workers: int = 1
    """`WATCHDESK_WORKERS`: processes of the prediction service on one port. Default 1."""
    synchronous: Literal["NORMAL", "FULL"] = "NORMAL"
    """`WATCHDESK_SYNCHRONOUS`: what a committed answer survives on SQLite: `NORMAL` (default) a
    killed process, `FULL` a power cut as well. PostgreSQL has its own setting."""
    compiling: bool = True
    """`WATCHDESK_COMPILE`: `off` makes and answers with no compiled versions. Default `on`."""
    body_limit: int = 16 << 20
    """`WATCHDESK_BODY_LIMIT`: the longest body of a request, in bytes. Default 16 MiB."""
    key_file: Path = ROOT / "data" / "local" / "key"
    """`WATCHDESK_KEY_FILE`: the key that artefacts are signed with; made on first use, readable
    by its owner alone. Default `key` in the data directory."""
    audit_anchors: Path = ROOT / "data" / "local" / "audit.anchors"
    """`WATCHDESK_AUDIT_ANCHORS`: the file that marks of the audit log are kept in, outside the
    database. Default `audit.anchors` in the data directory."""

    smtp_url: str | None = None
    """`WATCHDESK_SMTP_URL`: the server that e-mail is sent through, such as
    `smtp://name:password@mail.example.com:587` (with STARTTLS where it offers it) or `smtps://`."""
    smtp_from: str = "watchdesk@localhost"
    """`WATCHDESK_SMTP_FROM`: the sender of e-mail. Default `watchdesk@localhost`."""
    console_url: str | None = None
    """`WATCHDESK_CONSOLE_URL`: where readers of alerts find the console, for the links in them."""
    promotion_webhook: str | None = None
    """`WATCHDESK_PROMOTION_WEBHOOK`: an address that is told of each promotion and roll-back."""
    promotion_webhook_secret: str | None = field(default=None, repr=False)
    """`WATCHDESK_PROMOTION_WEBHOOK_SECRET`: what those messages are signed with; it belongs to
    the address, which is refused without it."""

    @property
    def service_url(self) -> str:
        """Where the console finds the prediction service."""
        return self.backend_url or f"http://{self.host}:{self.port}"

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> "Settings":
        """Read the `WATCHDESK_*` variables.

        Raises:
            Unusable: a variable has a value that cannot be used; the sentence names both.
        """
        env = os.environ if environment is None else environment
        data_dir = Path(env.get("WATCHDESK_DATA_DIR") or ROOT / "data" / "local").absolute()
        database_url = env.get("WATCHDESK_DATABASE_URL") or f"sqlite:///{data_dir / 'watchdesk.db'}"
        return cls(
            data_dir=data_dir,
            database_url=database_url,
            host=env.get("WATCHDESK_HOST") or "127.0.0.1",
            port=_whole("WATCHDESK_PORT", env.get("WATCHDESK_PORT") or "8000", 1, 65_535),
            backend_url=_address("WATCHDESK_BACKEND_URL", env, ("http://", "https://")),
            allowed_hosts=_names(env.get("WATCHDESK_ALLOWED_HOSTS") or ""),
            default_model=env.get("WATCHDESK_DEFAULT_MODEL") or None,
            demo=_yes("WATCHDESK_DEMO", env.get("WATCHDESK_DEMO") or "yes"),
            user=env.get("WATCHDESK_USER") or env.get("USER") or "unknown",
            workers=_whole("WATCHDESK_WORKERS", env.get("WATCHDESK_WORKERS") or "1", 1, 64),
            synchronous=_durability(env.get("WATCHDESK_SYNCHRONOUS") or "NORMAL"),
            compiling=_yes("WATCHDESK_COMPILE", env.get("WATCHDESK_COMPILE") or "on", "on", "off"),
            body_limit=_whole(
                "WATCHDESK_BODY_LIMIT",
                env.get("WATCHDESK_BODY_LIMIT") or "16777216",
                1_000,
                1 << 30,
            ),
            smtp_url=_address("WATCHDESK_SMTP_URL", env, ("smtp://", "smtps://")),
            smtp_from=env.get("WATCHDESK_SMTP_FROM") or "watchdesk@localhost",
            console_url=_address("WATCHDESK_CONSOLE_URL", env, ("http://", "https://")),
            promotion_webhook=_signed("WATCHDESK_PROMOTION_WEBHOOK", env),
            promotion_webhook_secret=env.get("WATCHDESK_PROMOTION_WEBHOOK_SECRET") or None,
            key_file=Path(env.get("WATCHDESK_KEY_FILE") or data_dir / "key").absolute(),
            audit_anchors=Path(
                env.get("WATCHDESK_AUDIT_ANCHORS") or data_dir / "audit.anchors"
            ).absolute(),
        )


def _whole(name: str, text: str, least: int, most: int) -> int:
    if not (text.isascii() and text.isdecimal() and least <= int(text[:20]) <= most):
        raise Unusable(f"`{name}` is `{text[:60]}`; expected a number from {least} to {most}.")
    return int(text)


def _address(name: str, env: Mapping[str, str], schemes: tuple[str, str]) -> str | None:
    found = (env.get(name) or "").rstrip("/") or None
    if found and not found.startswith(schemes):
        # An address may hold a password: only what stands before it is repeated.
        raise Unusable(
            f"`{name}` is `{found.split('@')[-1][:60]}`; expected an address that begins with"
            f" {' or '.join(schemes)}."
        )
    return found


def _signed(name: str, env: Mapping[str, str]) -> str | None:
    """An address that messages go to signed, and so not without a secret."""
    found = _address(name, env, ("http://", "https://"))
    if found and not env.get("WATCHDESK_PROMOTION_WEBHOOK_SECRET"):
        raise Unusable(
            f"`{name}` is set without `WATCHDESK_PROMOTION_WEBHOOK_SECRET`, which its messages are"
            " signed with. Set both; the receiver checks the signature with the same secret."
        )
    return found


def _durability(text: str) -> Literal["NORMAL", "FULL"]:
    level = text.upper()
    if level == "NORMAL":
        return "NORMAL"
    if level == "FULL":
        return "FULL"
    raise Unusable(f"`WATCHDESK_SYNCHRONOUS` is `{text[:60]}`; expected `NORMAL` or `FULL`.")


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.strip().lower() for name in text.split(",") if name.strip())


def _yes(name: str, text: str, yes: str = "yes", no: str = "no") -> bool:
    if text.lower() not in {"yes", "no", "true", "false", "1", "0", "on", "off"}:
        raise Unusable(f"`{name}` is `{text}`; expected `{yes}` or `{no}`.")
    return text.lower() in {"yes", "true", "1", "on"}
