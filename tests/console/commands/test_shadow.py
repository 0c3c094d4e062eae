"""`shadow`: switched on and off from a shell."""

from collections.abc import Callable

from backend.records import aliases
from backend.records.database import Database
from backend.records.registry import Version
from tests.console.commands.conftest import Shell


def test_switches_the_shadow_and_says_what_it_waits_for(
    shell: Shell, database: Database, registered: Callable[..., Version]
) -> None:
    registered("iris")
    registered("iris", promoted=False)
    assert shell("models", "--json").document[0]["shadow"] is False
    ran = shell("shadow", "iris", "on")
    assert (ran.code, ran.out) == (
        0,
        "The shadow of `iris` is on and waits for a challenger: name one.\n",
    )
    aliases.set_challenger(database, "iris", 2, actor="tester", reason="test")
    assert shell("shadow", "iris", "on", "--json").document == {
        "model": "iris",
        "shadow": True,
        "champion": 1,
        "challenger": 2,
        "scores": True,
    }
    assert shell("models", "--json").document[0]["shadow"] is True
    off = shell("shadow", "iris", "off", "--json").document
    assert (off["shadow"], off["scores"]) == (False, False)


def test_refuses_an_unknown_model_and_another_state(shell: Shell) -> None:
    ran = shell("shadow", "nope", "on")
    assert ran.code == 1
    assert ran.err.startswith("There is no model `nope`.")
    assert shell("shadow", "iris", "perhaps").code == 2
