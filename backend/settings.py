"""Settings: environment variables, read once into one frozen object. All are optional."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

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
        backend_url = (env.get("WATCHDESK_BACKEND_URL") or "").rstrip("/") or None
        if backend_url and not backend_url.startswith(("http://", "https://")):
            raise Unusable(
                f"`WATCHDESK_BACKEND_URL` is `{backend_url}`; expected an address that begins"
                " with http:// or https://."
            )
        return cls(
            data_dir=data_dir,
            database_url=database_url,
            host=env.get("WATCHDESK_HOST") or "127.0.0.1",
            port=_port(env.get("WATCHDESK_PORT") or "8000"),
            backend_url=backend_url,
            allowed_hosts=_names(env.get("WATCHDESK_ALLOWED_HOSTS") or ""),
            default_model=env.get("WATCHDESK_DEFAULT_MODEL") or None,
            demo=_yes("WATCHDESK_DEMO", env.get("WATCHDESK_DEMO") or "yes"),
            user=env.get("WATCHDESK_USER") or env.get("USER") or "unknown",
        )


def _port(text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) < 65536:
        raise Unusable(f"`WATCHDESK_PORT` is `{text}`; expected a number from 1 to 65535.")
    return int(text)


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.strip().lower() for name in text.split(",") if name.strip())


def _yes(name: str, text: str) -> bool:
    if text.lower() not in {"yes", "no", "true", "false", "1", "0", "on", "off"}:
        raise Unusable(f"`{name}` is `{text}`; expected `yes` or `no`.")
    return text.lower() in {"yes", "true", "1", "on"}
