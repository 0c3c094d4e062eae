"""The client against the real service, and against nothing."""

from collections.abc import Callable

import pytest

from backend import errors
from backend.errors import NoChampion, NotFound, Unavailable, Unusable
from backend.records import log
from backend.records.database import Database
from backend.records.log import Filter
from backend.records.predictions import Window
from backend.records.registry import Version
from console.client import Client, error_of
from tests.conftest import Problem, Service, free_port

EVER = Window(0, 2**60)


@pytest.mark.processes
def test_asks_the_service_as_a_program_would(
    service: Service,
    database: Database,
    registered: Callable[..., Version],
    problems: dict[str, Problem],
) -> None:
    version = registered("iris")
    registered("diabetes", promoted=False)
    rows = problems["iris"].frame.head(3).to_dict("records")
    features = {str(name): value for name, value in rows[0].items()}
    client = Client(service.start().url)

    assert client.health()["sqlite"] == database.sqlite_version
    assert client.ready()
    logged = client.predict("iris", features)
    assert (logged["label"], logged["version"]) == ("setosa", version.number)
    several = client.predict_batch("iris", [list(row.values()) for row in rows])
    assert [answer["label"] for answer in several] == ["setosa"] * 3
    tried = client.what_if("iris", 1, [features])
    assert tried[0]["probabilities"] == logged["probabilities"]
    assert log.count(database, Filter("iris", EVER)) == 4  # what-if leaves no trace

    client.feedback(logged["prediction_id"], "setosa")
    assert log.count_known(database, "iris", EVER) == 1

    with pytest.raises(NoChampion):
        client.predict("diabetes", {})
    with pytest.raises(NotFound):
        client.what_if("iris", 99, [features])
    with pytest.raises(Unusable, match="expected a finite number"):
        client.what_if("iris", 1, [{**features, next(iter(features)): "wide"}])


def test_says_how_to_bring_back_a_service_that_does_not_answer() -> None:
    url = f"http://127.0.0.1:{free_port()}"
    with pytest.raises(Unavailable) as gone:
        Client(url + "/").health()

    assert gone.value.detail == (
        f"The prediction service at {url} does not answer. If `streamlit run` started it, it comes"
        " back within seconds; else start it with `python -m backend`, or set"
        " `WATCHDESK_BACKEND_URL` to where it runs."
    )


@pytest.mark.parametrize(
    ("status", "document", "kind"),
    [
        (409, {"error": "NoChampion", "detail": "None."}, errors.NoChampion),
        (422, {"error": "Something", "detail": "None."}, errors.Unusable),
        (413, {}, errors.TooLarge),
        (502, {}, errors.Unavailable),
        (400, {"error": "Path", "detail": "Not an error of the tree."}, errors.Malformed),
    ],
)
def test_an_error_is_told_by_its_name_and_else_by_its_status(
    status: int, document: dict[str, str], kind: type[Exception]
) -> None:
    assert type(error_of(status, document)) is kind


def test_an_answer_without_words_still_makes_a_sentence() -> None:
    assert error_of(502, {}).detail == "The prediction service answered with 502."
