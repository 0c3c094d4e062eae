"""What-if: the form, the starts, the live answer, and a service that is away."""

import json
from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import NumberInput

from backend.records import predictions, scenarios
from backend.records.database import Database
from backend.records.predictions import text_of
from backend.records.registry import Version
from tests.conftest import Problem, Service
from tests.console.log_rows import row
from tests.pages.conftest import OpenPage, clear_caches, texts
from tests.pages.seeded import table

Register = Callable[..., Version]


@pytest.fixture
def answering(service: Service, monkeypatch: pytest.MonkeyPatch) -> Service:
    """A running service that the console finds."""
    monkeypatch.setenv("WATCHDESK_PORT", str(service.start().port))
    clear_caches()
    return service


def asked(page: AppTest) -> dict[str, object]:
    """The row that the form holds, as the command to copy sends it."""
    command = page.code[0].value
    found: dict[str, object] = json.loads(command.split("-d '")[1].rstrip("'"))["features"]
    return found


def field(page: AppTest, name: str) -> NumberInput:
    """The form's field of a feature."""
    return next(w for w in page.number_input if w.key is not None and w.key.endswith(f"_{name}"))


def test_says_what_to_do_without_a_version(open_page: OpenPage) -> None:
    assert "No model yet" in texts(open_page("what_if"))


def test_the_form_stays_when_the_service_is_away(registered: Register, open_page: OpenPage) -> None:
    registered("iris")

    page = open_page("what_if", model="iris")

    assert len(page.number_input) == 4
    assert page.error[0].value.startswith("The prediction service at http://127.0.0.1:")


@pytest.mark.processes
def test_answers_as_the_inputs_change_and_logs_nothing(
    answering: Service, database: Database, registered: Register, open_page: OpenPage
) -> None:
    registered("iris")
    page = open_page("what_if", model="iris")
    assert page.metric[0].value == "versicolor"
    assert "Inputs, filled from the median of 150 reference rows" in texts(page)
    assert "set" not in page.query_params

    page = field(page, "petal width (cm)").set_value(2.5).run()
    page = field(page, "petal length (cm)").set_value(6.5).run()

    assert page.metric[0].value == "virginica"
    assert "The answer was versicolor" in texts(page)
    assert "after 2 changes to the median of 150 reference rows" in texts(page)
    assert json.loads(page.query_params["set"]) == {
        "petal length (cm)": 6.5,
        "petal width (cm)": 2.5,
    }
    assert not page.warning
    assert predictions.newest(database) is None

    page = page.button(key="what_if_reset").click().run()
    assert page.metric[0].value == "versicolor"
    assert "set" not in page.query_params


@pytest.mark.processes
def test_an_unusual_value_is_marked_and_a_colleague_sees_the_same(
    answering: Service, registered: Register, open_page: OpenPage
) -> None:
    registered("iris")

    page = open_page("what_if", model="iris", set='{"petal width (cm)": 40}', label="setosa")

    assert "unusual" in field(page, "petal width (cm)").label
    assert "**petal width (cm)**: Above the greatest value of training, 2.5." in texts(page)
    assert asked(page)["petal width (cm)"] == 40
    assert page.selectbox(key="what_if_label_iris").value == "setosa"


@pytest.mark.processes
def test_starts_from_a_logged_row_with_its_version(
    answering: Service,
    database: Database,
    registered: Register,
    problems: dict[str, Problem],
    open_page: OpenPage,
) -> None:
    first = registered("iris")
    registered("iris", note="the second")
    features = {str(k): v for k, v in problems["iris"].frame.iloc[120].to_dict().items()}
    logged = row(first, features=features, label="virginica")
    predictions.append(database, [logged])

    page = open_page("what_if", prediction=text_of(logged.prediction_id))

    assert asked(page) == features
    assert page.query_params["version"] == "1"
    assert page.metric[0].label == "Version 1 answers"
    assert page.segmented_control(key="what_if_start").value == "prediction"


@pytest.mark.processes
def test_starts_from_a_reference_row_by_its_number(
    answering: Service, registered: Register, problems: dict[str, Problem], open_page: OpenPage
) -> None:
    registered("diabetes")
    page = open_page("what_if", model="diabetes")
    page = page.segmented_control(key="what_if_start").set_value("row").run()
    page = page.number_input(key="what_if_row_442").set_value(7).run()

    assert page.query_params["row"] == "7"
    assert asked(page) == pytest.approx(problems["diabetes"].frame.iloc[6].to_dict())
    assert page.metric[0].label == "Version 1 answers: target"


@pytest.mark.processes
def test_the_answer_is_the_one_of_the_version_that_was_chosen(
    answering: Service, registered: Register, open_page: OpenPage
) -> None:
    registered("iris")
    registered("iris", promoted=False)
    page = open_page("what_if", model="iris")
    assert page.metric[0].label == "Version 1 answers"

    page = page.selectbox(key="what_if_version_iris").set_value("2").run()

    assert page.metric[0].label == "Version 2 answers"
    assert "/versions/2/what-if" in page.code[0].value
    assert page.query_params["version"] == "2"


def test_a_prediction_that_is_not_there_is_a_sentence(
    registered: Register, open_page: OpenPage
) -> None:
    registered("iris")

    page = open_page("what_if", prediction="00000000-0000-4000-8000-000000000000")

    assert page.error[0].value == (
        "There is no prediction `00000000-0000-4000-8000-000000000000` in the log. Use the"
        " `prediction_id` of an answer."
    )


def saved(page: AppTest, name: str) -> AppTest:
    """The page after its row was saved as a scenario of that name."""
    field = next(w for w in page.text_input if str(w.key).startswith("what_if_save_name"))
    field.set_value(name)
    return page.button(key="what_if_save").click().run()


@pytest.mark.processes
def test_a_row_is_saved_as_a_scenario_with_the_answer_that_is_expected(
    answering: Service, database: Database, registered: Register, open_page: OpenPage
) -> None:
    registered("iris")
    page = open_page("what_if", model="iris", set='{"petal width (cm)": 2.5}')
    assert "None yet. Save a row with the answer" in texts(page)

    page = saved(page, "wide petals")

    assert not page.exception
    kept = scenarios.of_model(database, "iris")
    assert [(one.name, one.features["petal width (cm)"]) for one in kept] == [("wide petals", 2.5)]
    assert kept[0].expected == {"label": page.metric[0].value}
    assert "**Version 1 passes 1 of 1.**" in texts(page)
    listed = table(page, "outcome").to_dict("records")[0]
    assert (listed["name"], listed["outcome"]) == ("wide petals", "✓ passes")

    page = saved(page, "wide petals")
    assert page.error[0].value.startswith("`iris` has a scenario named `wide petals` already.")
    page = saved(page, " ")
    assert "cannot be a scenario's name" in page.error[0].value
    assert len(scenarios.of_model(database, "iris")) == 1


@pytest.mark.processes
def test_a_scenario_of_a_regression_expects_a_range_around_the_answer(
    answering: Service, database: Database, registered: Register, open_page: OpenPage
) -> None:
    registered("diabetes")
    page = open_page("what_if", model="diabetes")
    low = next(w for w in page.number_input if str(w.key).endswith("_low"))
    high = next(w for w in page.number_input if str(w.key).endswith("_high"))
    least, most = low.value, high.value
    assert least is not None
    assert most is not None
    assert least < float(page.metric[0].value) < most

    low.set_value(None)
    page = saved(page, "typical")

    assert scenarios.of_model(database, "diabetes")[0].expected == {
        "low": None,
        "high": most,
    }
    assert table(page, "outcome")["expected"].tolist() == [f"at most {most:g}"]


def scenario(database: Database, problems: dict[str, Problem], name: str, label: str) -> None:
    """Keep a row of virginica under a name, with what is expected of it."""
    row = {str(k): float(v) for k, v in problems["iris"].frame.iloc[120].to_dict().items()}
    scenarios.add(database, "iris", name, row, {"label": label}, actor="ada")


def test_scenarios_are_judged_and_opened_without_the_service(
    database: Database,
    registered: Register,
    problems: dict[str, Problem],
    open_page: OpenPage,
) -> None:
    registered("iris")
    scenario(database, problems, "large", "virginica")
    scenario(database, problems, "wrong", "setosa")

    page = open_page("what_if", model="iris", scenario="wrong")

    assert "**Version 1 passes 1 of 2.**" in texts(page)
    listed = table(page, "outcome")
    assert listed["outcome"].tolist() == ["✓ passes", "✗ fails"]
    assert listed["answer"].tolist() == ["virginica", "virginica"]
    assert "Inputs, filled from the scenario `wrong`" in texts(page)
    assert page.segmented_control(key="what_if_start").value == "scenario"
    assert field(page, "petal length (cm)").value == pytest.approx(
        problems["iris"].frame["petal length (cm)"].iloc[120]
    )

    page = page.selectbox(key="what_if_scenario_iris").set_value("large").run()
    assert page.query_params["scenario"] == "large"
    page = page.segmented_control(key="what_if_start").set_value("median").run()
    assert "scenario" not in page.query_params


def test_a_scenario_that_is_no_more_is_not_asked_for(
    database: Database, registered: Register, open_page: OpenPage
) -> None:
    registered("iris")

    page = open_page("what_if", model="iris", scenario="gone")

    assert not page.exception
    assert page.segmented_control(key="what_if_start").value == "median"
    assert "scenario" not in page.query_params
