"""A version's evaluation as frames: nothing is lost or turned round on the way."""

from backend.records.database import Database
from backend.records.registry import Version
from backend.versions.artefacts import Store
from console.training import Choices, figures
from console.training.train import run_training


def trained(database: Database, store: Store, data: str) -> Version:
    choices = Choices(model=data, data=f"builtin:{data}", folds=2)
    return run_training(database, store, choices, by="ada")


def test_frames_of_a_classification_add_up_to_its_held_out_rows(
    database: Database, store: Store
) -> None:
    version = trained(database, store, "iris")
    cells = figures.confusion(version.evaluation)
    assert cells["n"].sum() == version.data["split"]["heldout_rows"]
    assert cells.loc[cells["right"], "n"].sum() / cells["n"].sum() == version.metrics["accuracy"]
    labels = version.signature["labels"]
    assert cells["truth"].drop_duplicates().tolist() == labels
    assert figures.calibration(version.evaluation)["n"].sum() == cells["n"].sum()


def test_a_confusion_matrix_is_read_truth_by_truth() -> None:
    cells = figures.confusion({"confusion": {"labels": ["a", "b"], "matrix": [[3, 1], [0, 0]]}})
    assert cells[["truth", "predicted", "n"]].to_numpy().tolist() == [
        ["a", "a", 3],
        ["a", "b", 1],
        ["b", "a", 0],
        ["b", "b", 0],
    ]
    assert cells["share"].tolist() == [0.75, 0.25, 0.0, 0.0]


def test_frames_of_a_regression_add_up_to_its_held_out_rows(
    database: Database, store: Store
) -> None:
    version = trained(database, store, "diabetes")
    heldout = version.data["split"]["heldout_rows"]
    bins = figures.residuals(version.evaluation)
    assert bins["n"].sum() == heldout
    assert (bins["upper"] > bins["lower"]).all()
    points = figures.points(version.evaluation)
    assert len(points) == heldout
    mae = (points["truth"] - points["value"]).abs().mean()
    assert abs(mae - version.metrics["mae"]) < 1e-9


def test_metrics_carry_their_spread_and_which_way_is_better(
    database: Database, store: Store
) -> None:
    version = trained(database, store, "diabetes")
    frame = figures.metrics(version).set_index("metric")
    assert frame["lower_is_better"].to_dict() == {"mae": True, "rmse": True, "r2": False}
    assert frame.loc["mae", "value"] == version.metrics["mae"]
    assert frame.loc["mae", "sd"] == version.metrics["cv"]["mae"]["sd"]


def test_importance_is_cut_and_keeps_its_spread(database: Database, store: Store) -> None:
    version = trained(database, store, "diabetes")
    frame = figures.importance(version.evaluation, most=3)
    assert len(frame) == 3
    assert frame["mean"].is_monotonic_decreasing
    spread = frame["high"] - frame["low"]
    assert abs(spread - 2 * frame["sd"]).max() < 1e-12
