"""Train: the form, a job, its draft, registration; what cannot be trained says why."""

from backend.records import drafts, registry
from backend.records.database import Database
from backend.settings import Settings
from console import jobs
from console.jobs.worker import work
from tests.pages.conftest import OpenPage, texts
from tests.pages.seeded import drafted, table, trained


def test_shows_the_data_before_anything_was_trained(open_page: OpenPage) -> None:
    page = open_page("train")
    assert "569 rows × 31 columns" in texts(page)
    assert "A new model." in texts(page)
    assert len(table(page, "mean radius")) == 8
    assert not page.exception


def test_columns_that_give_the_answer_away_are_named_with_the_reason(open_page: OpenPage) -> None:
    page = open_page("train", data="builtin:bikeshare")
    assert "Not `casual`: excluded by the data set." in texts(page)
    features = page.multiselect(key="train_builtin:bikeshare_bikers_features")
    assert "casual" not in features.options


def test_the_button_only_submits_a_job(database: Database, open_page: OpenPage) -> None:
    page = open_page("train")
    page.selectbox(key="train_algorithm_binary").set_value("random_forest")
    page.run()
    page.number_input(key="train_random_forest_n_estimators").set_value(20)
    page.text_input(key="train_note").set_value("smaller")
    page = page.button(key="train_submit").click().run()
    [job] = jobs.recent(database, "train")
    assert job.params["algorithm"] == "random_forest"
    assert job.params["parameters"]["n_estimators"] == 20
    assert job.params["positive"] == "malignant"
    assert job.params["note"] == "smaller"
    assert job.submitted_by == "tester"
    assert drafts.waiting(database) == []
    assert page.query_params["job"] == str(job.id)
    assert "**Training breast_cancer: Random forest**" in texts(page)


def test_a_trained_draft_is_opened_and_registered(
    database: Database, settings: Settings, open_page: OpenPage
) -> None:
    page = open_page("train", data="builtin:iris")
    page = page.button(key="train_submit").click().run()
    work(settings, once=True)
    page = page.run()
    [draft] = drafts.waiting(database)
    assert page.query_params["draft"] == str(draft.id)
    assert page.metric[0].label == "Accuracy"
    assert page.metric[0].delta.startswith("± ")
    assert len(page.get("vega_lite_chart")) == 3
    assert "Answers with ONNX: all 112 reference rows and 2,001 probes agree" in texts(page)
    page = page.button(key="train_register").click().run()
    assert "Registered as **version 1**." in texts(page)
    assert registry.version(database, "iris", 1).id == draft.id


def test_a_regression_shows_residuals(database: Database, open_page: OpenPage) -> None:
    page = open_page("train", draft=str(drafted(database, "diabetes")))
    headings = [heading.value for heading in page.subheader]
    assert headings == ["Residuals", "Answer and truth", "What it goes by"]
    assert not page.exception


def test_waiting_drafts_are_listed_and_can_be_discarded(
    database: Database, open_page: OpenPage
) -> None:
    draft = drafted(database)
    page = open_page("train")
    assert "Drafts waiting" in [heading.value for heading in page.subheader]
    page = page.button(key=f"train_discard_{draft}").click().run()
    assert drafts.waiting(database) == []
    assert "Drafts waiting" not in [heading.value for heading in page.subheader]


def test_a_listed_draft_opens_at_its_own_address(database: Database, open_page: OpenPage) -> None:
    draft = drafted(database)
    page = open_page("train")
    page = page.button(key=f"train_open_{draft}").click().run()
    assert page.query_params["draft"] == str(draft)
    assert page.button(key="train_register").label == "Register"


def test_a_model_of_another_target_cannot_be_given_another_version(
    database: Database, open_page: OpenPage
) -> None:
    trained(database, "diabetes", model="m")
    page = open_page("train", data="builtin:iris")
    page = page.text_input(key="train_builtin:iris_model").set_value("m").run()
    assert page.button(key="train_submit").disabled
    assert "Model `m` predicts `target` (regression), not `target` (multiclass)." in texts(page)


def test_a_name_that_no_address_can_carry_is_refused_with_a_sentence(open_page: OpenPage) -> None:
    page = open_page("train")
    page = page.text_input(key="train_builtin:breast_cancer_model").set_value("a/b").run()
    assert page.button(key="train_submit").disabled
    assert "`a/b` cannot be a model's name" in texts(page)


def test_a_draft_that_is_gone_is_a_sentence(open_page: OpenPage) -> None:
    page = open_page("train", draft="77")
    assert [error.value for error in page.error] == [
        "There is no draft 77. It may have been discarded."
    ]


def test_an_uploaded_table_is_trained_on(
    database: Database, settings: Settings, open_page: OpenPage
) -> None:
    lines = [f"{i % 7},{'red' if i % 3 else 'blue'},{i % 7 + i % 3}" for i in range(60)]
    content = "\n".join(["width,colour,price", *lines]).encode()
    page = open_page("train", data="upload")
    assert "Choose a CSV file" in texts(page)
    page.file_uploader(key="train_file").set_value(("my table.csv", content, "text/csv"))
    page = page.run()
    assert "60 rows × 3 columns" in texts(page)
    # Few whole numbers are read as labels, and may be predicted as amounts all the same.
    page.selectbox(key="train_algorithm_multiclass_regression").set_value("linear_regression")
    page = page.run()
    page = page.button(key="train_submit").click().run()
    [job] = jobs.recent(database, "train")
    assert job.params["model"] == "my_table"
    assert job.params["target"] == "price"
    assert job.params["data"].startswith("blob:")
    work(settings, once=True)
    [draft] = drafts.waiting(database)
    assert draft.task == "regression"
    assert [f["name"] for f in draft.signature["features"]] == ["width", "colour"]


def test_a_file_that_is_no_table_is_a_sentence(open_page: OpenPage) -> None:
    page = open_page("train", data="upload")
    page.file_uploader(key="train_file").set_value(("notes.csv", b"hello\nworld", "text/csv"))
    page = page.run()
    assert "`notes.csv` is not a table" in texts(page)
    assert not page.exception
