"""The prediction service over HTTP, as any program would use it."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote, urlsplit

import requests

from backend import errors
from backend.errors import Unavailable, WatchdeskError

LOOPBACK = {"127.0.0.1", "localhost", "::1"}
QUICK, PATIENT = 2.0, 30.0  # seconds

Instance = Mapping[str, Any] | Sequence[Any]


class Client:
    """Asks the service at `url`.

    Every method raises the error of `backend.errors` that the service answered with, by its name
    and else by its status, and `Unavailable` where the service cannot be reached.
    """

    def __init__(self, url: str) -> None:
        self.url = url.rstrip("/")
        self._session = requests.Session()
        # A proxy of the environment is for the way out, not for this machine's own service.
        self._session.trust_env = urlsplit(self.url).hostname not in LOOPBACK

    def health(self) -> dict[str, Any]:
        """Whether the service is alive, its database's id and its SQLite version."""
        return self._object("GET", "/health", timeout=QUICK)

    def ready(self) -> dict[str, Any]:
        """Whether it can answer: database and champion usable.

        Raises:
            Unavailable: it cannot; the sentence says why.
        """
        return self._object("GET", "/ready", timeout=QUICK)

    def predict(self, model: str, features: Instance) -> dict[str, Any]:
        """One answer of the champion; logged.

        Returns:
            prediction_id, model, version, label or value, score, probabilities.
        """
        return self._object("POST", f"/models/{_part(model)}/predict", {"features": features})

    def predict_batch(self, model: str, instances: Sequence[Instance]) -> list[dict[str, Any]]:
        """The champion's answers, all of them or none; logged."""
        body = {"model": model, "instances": list(instances)}
        return self._list("/predict/batch", body)

    def what_if(
        self, model: str, version: int, instances: Sequence[Instance]
    ) -> list[dict[str, Any]]:
        """One version's answers; nothing is logged.

        Returns:
            For each instance model, version, label or value, score, probabilities.
        """
        return self._list(
            f"/models/{_part(model)}/versions/{version}/what-if", {"instances": list(instances)}
        )

    def feedback(self, prediction_id: str, ground_truth: Any) -> dict[str, Any]:
        """Tell the truth about a prediction."""
        body = {"prediction_id": prediction_id, "ground_truth": ground_truth}
        return self._object("POST", "/feedback", body)

    def _list(self, path: str, body: Mapping[str, Any]) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self._object("POST", path, body)["predictions"]
        return found

    def _object(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        timeout: float = PATIENT,
    ) -> dict[str, Any]:
        try:
            answer = self._session.request(method, self.url + path, json=body, timeout=timeout)
        except requests.RequestException as error:
            raise Unavailable(unreachable(self.url)) from error
        document = _document(answer)
        if not answer.ok:
            raise error_of(answer.status_code, document)
        return document


def unreachable(url: str) -> str:
    """The sentence for a service that does not answer."""
    return (
        f"The prediction service at {url} does not answer. If `streamlit run` started it, it comes"
        " back within seconds; else start it with `python -m backend`, or set"
        " `WATCHDESK_BACKEND_URL` to where it runs."
    )


def error_of(status: int, document: Mapping[str, Any]) -> WatchdeskError:
    """The error that an answer of the service means, by its name and else by its status."""
    detail = str(document.get("detail") or f"The prediction service answered with {status}.")
    named = getattr(errors, str(document.get("error")), None)
    if isinstance(named, type) and issubclass(named, WatchdeskError):
        return named(detail)
    for kind in WatchdeskError.__subclasses__():
        if kind.status == status:
            return kind(detail)
    return Unavailable(detail)


def _part(name: str) -> str:
    return quote(name, safe="")


def _document(answer: requests.Response) -> dict[str, Any]:
    """The answer's JSON object; an empty one where it is something else."""
    try:
        document = answer.json()
    except requests.JSONDecodeError:
        return {}
    return document if isinstance(document, dict) else {}
