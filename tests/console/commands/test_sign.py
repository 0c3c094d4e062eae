"""`sign`: an upgrade from a release that did not sign, or a lost key, loses nothing."""

from collections.abc import Callable

from backend.records import drafts, registry
from backend.records.database import Database
from backend.records.registry import Version
from backend.records.tables import versions
from backend.versions import artefacts, registration
from backend.versions.artefacts import Store
from tests.conftest import Problem, new_version
from tests.console.commands.conftest import Shell

Register = Callable[..., Version]
VOUCHED = "By signing you vouch that nobody but people you trust could write to this database"


def unsign(database: Database) -> None:
    """As the first release left its versions behind."""
    with database.write() as connection:
        connection.execute(versions.update().values(manifest=None))


def test_after_an_upgrade_every_version_and_draft_is_signed_and_serves_again(
    shell: Shell,
    database: Database,
    store: Store,
    registered: Register,
    problems: dict[str, Problem],
) -> None:
    registered("iris")
    registered("diabetes")
    draft = registration.add(database, new_version(problems["iris"]), store)
    unsign(database)
    found = shell("sign", "--all")
    assert found.code == 0
    assert found.out.count("would be signed") == 3
    assert VOUCHED in found.out
    assert found.out.endswith("Nothing was signed: add --yes.\n")
    assert registry.version(database, "iris", 1).manifest is None
    document = shell("sign", "--all", "--yes", "--json").document
    assert document["signed"] == 3
    assert [(v["model"], v["version"], v["draft"], v["outcome"]) for v in document["versions"]] == [
        ("diabetes", 1, None, "signed"),
        ("iris", 1, None, "signed"),
        ("iris", None, draft, "signed"),
    ]
    for model in ("iris", "diabetes"):
        artefacts.load(database, registry.version(database, model, 1), store)
    assert registration.register(database, draft, store).number == 2
    again = shell("sign", "--all", "--yes", "--json").document
    assert (again["signed"], {v["outcome"] for v in again["versions"]}) == (0, {"signed already"})


def test_a_lost_key_is_replaced_and_one_version_signed_with_the_new_one(
    shell: Shell, database: Database, store: Store, registered: Register
) -> None:
    registered("iris")
    registered("iris", promoted=False)
    store.key.path.unlink()
    refused = shell("export", "iris", 1, "--to", store.cache / "out")
    assert refused.code == 3
    assert "is signed with another key" in refused.err
    assert "`python -m console sign iris 1`" in refused.err
    assert shell("sign", "iris", 1, "--yes", "--json").document["signed"] == 1
    assert shell("export", "iris", 1, "--to", store.cache / "out").code == 0
    assert shell("export", "iris", 2, "--to", store.cache / "out").code == 3
    assert shell("sign", "iris", "--json").document["versions"][0]["outcome"] == "would be signed"


def test_what_was_altered_is_not_signed_and_the_others_are(
    shell: Shell, database: Database, store: Store, registered: Register
) -> None:
    altered, other = registered("iris"), registered("diabetes")
    with database.write() as connection:
        for version, values in ((altered, {"task": "binary"}), (other, {"manifest": None})):
            same = versions.c.id == version.id
            connection.execute(versions.update().where(same).values(**values))
    document = shell("sign", "--all", "--yes", "--json").document
    outcomes = {v["model"]: v["outcome"] for v in document["versions"]}
    assert outcomes == {
        "diabetes": "signed",
        "iris": "refused: Version 1 of `iris` is not what was signed (its `task` differs), so it"
        " is not loaded. Restore the database from a backup, or train it again.",
    }


def test_it_says_what_it_does_not_understand_or_find(shell: Shell, database: Database) -> None:
    assert shell("sign").code == 2
    assert "give either a model, or --all" in shell("sign", "iris", "--all").err
    assert shell("sign", "iris").code == 1
    assert shell("sign", "--all").out == "There are no versions to sign.\n"
    assert drafts.waiting(database) == []
    assert VOUCHED in " ".join(shell("sign", "--help").out.split())
