"""Promotion requests: who may decide, what overtakes one, and one promotion of two at once."""

import json
import random
import threading
import uuid
from collections.abc import Callable

import pytest
import sqlalchemy as sa

from backend.errors import (
    ArtefactDamaged,
    ChampionMoved,
    NotFound,
    Refused,
    Unusable,
    WatchdeskError,
)
from backend.records import (
    aliases,
    announcing,
    audit,
    chain,
    drafts,
    gate_texts,
    policies,
    registry,
    requests,
)
from backend.records.database import Database, now
from backend.records.drafts import NewVersion
from backend.records.policies import Policy
from backend.records.registry import Version
from backend.records.requests import Request, Waiver, artefact_of
from backend.records.tables import aliases as alias_table
from backend.records.tables import blob_chunks, jobs, promotions, version_files

Make = Callable[..., Version]


def dossier(database: Database, number: int, *, passed: bool = True, name: str = "iris") -> bytes:
    """As much of a dossier as requests read."""
    version = registry.version(database, name, number)
    return json.dumps({"artefact": artefact_of(version), "passed": passed}).encode()


def asked(
    database: Database,
    number: int = 2,
    *,
    actor: str = "ana",
    seen: int | None = 1,
    waivers: tuple[Waiver, ...] = (),
) -> Request:
    content = dossier(database, number)
    return requests.ask(
        database,
        "iris",
        number,
        actor=actor,
        reason="It is better.",
        seen=seen,
        content=content,
        waivers=waivers,
    )


def made(database: Database, number: int, seen: int | None, **more: object) -> Request:
    content = dossier(database, number)
    given = {"actor": "ana", "reason": "It is better.", "seen": seen, "content": content}
    return requests.make(database, "iris", number, **given | more)  # type: ignore[arg-type]  # keywords of the test's choice


@pytest.fixture
def registered(database: Database) -> Make:
    """A function that registers a version of `iris` of a few bytes: requests look no deeper."""

    def make(name: str, *, promoted: bool = True) -> Version:
        files = {kind: f"{kind} {uuid.uuid4()}".encode() for kind in ("model", "reference")}
        new = NewVersion(
            model=name,
            algorithm="logistic_regression",
            task="multiclass",
            target="target",
            parameters={},
            metrics={},
            evaluation={},
            signature={"features": []},
            data={},
            environment={},
            trained_seconds=0.1,
            note="",
            created_by="tester",
            files=files,
        )
        version = drafts.register(database, drafts.add(database, new), lambda *_: {})
        assert version.number is not None
        if promoted:
            aliases.promote(database, name, version.number, actor="tester", reason="test")
        return version

    return make


def two(registered: Make) -> None:
    registered("iris")
    registered("iris", promoted=False)


def needs_approval(database: Database) -> None:
    policies.save(database, "iris", Policy(approval=True), actor="boss")


def actions(database: Database) -> list[tuple[str, str]]:
    return [(one.action, one.actor) for one in reversed(audit.rows_of(database))]


def test_another_person_approves_and_the_alias_moves_with_what_it_rests_on(
    database: Database, registered: Make
) -> None:
    two(registered)
    needs_approval(database)
    waiver = Waiver("no_worse.accuracy", "ana", "The champion is not right either.")
    request = asked(database, waivers=(waiver,))
    assert registry.model(database, "iris").champion == 1

    move = requests.approve(database, request.id, actor="boris", reason="Seen in the meeting.")

    assert registry.model(database, "iris").champion == 2
    assert (move.from_number, move.to_number, move.kind) == (1, 2, "promote")
    assert (move.actor, move.approved_by, move.reason) == ("ana", "boris", "It is better.")
    assert (move.request_id, move.dossier) == (request.id, request.sha256)
    done = requests.get(database, request.id)
    assert (done.state, done.decided_by, done.decision) == ("made", "boris", "Seen in the meeting.")
    assert done.promotion_id == move.id
    assert done.waivers[0].gate == "no_worse.accuracy"
    assert done.waivers[0].at == done.requested_at
    assert actions(database)[-4:] == [
        ("request.ask", "ana"),
        ("request.waive", "ana"),
        ("request.approve", "boris"),
        ("promote", "ana"),
    ]
    newest = audit.rows_of(database)[0].detail
    assert (newest["request"], newest["approved_by"]) == (request.id, "boris")
    assert newest["dossier"] == request.sha256
    assert chain.check(database, {}).ok


@pytest.mark.parametrize("name", ["ana", " Ana ", "ANA", "a\u200bna", "ａｎａ", "Ana\t"])
def test_a_name_is_one_persons_however_it_is_written(name: str) -> None:
    assert requests.same_person("ana", name)


@pytest.mark.parametrize("name", ["ana", " Ana ", "ＡＮＡ"])
def test_who_asked_may_not_approve(database: Database, registered: Make, name: str) -> None:
    two(registered)
    needs_approval(database)
    request = asked(database)
    with pytest.raises(Refused) as refused:
        requests.approve(database, request.id, actor=name)
    assert refused.value.detail == (
        "ana asked for request 1, and `iris` needs another person's approval. Let somebody else"
        " decide."
    )
    assert requests.get(database, request.id).is_open


@pytest.mark.parametrize("name", ["An\u034fa", "Ana\ufe0f", "Ana\u3164", "Ana\u2800"])
def test_who_asked_may_not_approve_by_a_character_that_is_not_seen(
    database: Database, registered: Make, name: str
) -> None:
    two(registered)
    needs_approval(database)
    request = asked(database, actor="Ana")
    with pytest.raises((Refused, Unusable)):
        requests.approve(database, request.id, actor=name)
    assert requests.get(database, request.id).is_open
    assert registry.model(database, "iris").champion == 1


def test_whoever_moves_an_alias_or_changes_a_policy_has_a_name_and_a_reason(
    database: Database, registered: Make
) -> None:
    two(registered)
    for actor, reason in ((" ", "x"), ("a" * 201, "x"), ("Ana\u2800", "x"), ("ana", "x" * 10_001)):
        with pytest.raises(Unusable):
            aliases.promote(database, "iris", 2, actor=actor, reason=reason)
        with pytest.raises(Unusable):
            aliases.set_challenger(database, "iris", 2, actor=actor, reason=reason)
    aliases.promote(database, "iris", 2, actor=" ana ", reason=" Better. ")
    with pytest.raises(Unusable, match="There is no name for who rolls back"):
        aliases.rollback(database, "iris", actor=" ", reason="x")
    with pytest.raises(Unusable, match="There is no name for who changes the policy"):
        policies.save(database, "iris", Policy(keep_last=3), actor=" ")
    with pytest.raises(Unusable, match="There is no name for who writes gates"):
        gate_texts.put(database, "iris", "[floors]\naccuracy = 0.5\n", actor=" ")
    assert actions(database)[-1] == ("promote", "ana")
    newest = aliases.history(database, "iris")[0]
    assert (newest.actor, newest.reason) == ("ana", "Better.")


def test_a_roll_back_past_the_champion_before_is_seen_in_the_audit_log(
    database: Database, registered: Make
) -> None:
    for _ in range(3):
        registered("iris")
    aliases.rollback(database, "iris", actor="ana", reason="Far back.", to=1)
    assert audit.rows_of(database)[0].detail == {
        "promotion": 4,
        "alias": "champion",
        "from": 3,
        "to": 1,
        "reason": "Far back.",
        "champion_before": 2,
    }
    aliases.promote(database, "iris", 3, actor="ana", reason="Again.")
    aliases.rollback(database, "iris", actor="ana", reason="One back.")
    assert "champion_before" not in audit.rows_of(database)[0].detail


def test_two_people_are_two() -> None:
    assert not requests.same_person("ana", "anna")
    assert requests.same_person("Straße Weg", "STRASSE  WEG")


def test_where_no_approval_is_asked_for_it_is_one_step_of_one_person(
    database: Database, registered: Make
) -> None:
    two(registered)
    request = made(database, 2, 1)
    assert (request.state, request.decided_by) == ("made", "ana")
    move = aliases.get(database, request.promotion_id or 0)
    assert (move.to_number, move.request_id, move.approved_by) == (2, request.id, None)
    with pytest.raises(Refused) as late:
        requests.approve(database, request.id, actor="boris")
    assert late.value.detail == "Request 1 was made already by ana, who asked for it."


def test_an_approval_cannot_be_gone_around(database: Database, registered: Make) -> None:
    two(registered)
    needs_approval(database)
    with pytest.raises(Refused, match="needs another person's approval"):
        made(database, 2, 1)
    with pytest.raises(Refused) as refused:
        aliases.promote(database, "iris", 2, actor="ana", reason="quick")
    assert refused.value.detail == (
        "A promotion of `iris` must be asked for: its gates are judged and the evidence is kept."
        " Ask on the Promote page, or with `python -m console promote iris 2 --require-gates`."
    )
    with pytest.raises(Refused, match="Version 2 of `iris` never was champion"):
        aliases.rollback(database, "iris", actor="ana", reason="a trick", to=2)
    assert requests.of_model(database, "iris") == []
    assert registry.model(database, "iris").champion == 1


def test_the_way_back_needs_no_approval(database: Database, registered: Make) -> None:
    two(registered)
    made(database, 2, 1)
    needs_approval(database)
    back = aliases.rollback(database, "iris", actor="ana", reason="worse")
    assert (back.from_number, back.to_number) == (2, 1)


def test_gates_that_were_written_ask_for_a_request_unless_the_policy_says_never(
    database: Database, registered: Make
) -> None:
    two(registered)
    gate_texts.put(database, "iris", "[floors]\naccuracy = 0.5\n", actor="boss")
    with pytest.raises(Refused, match="must be asked for"):
        aliases.promote(database, "iris", 2, actor="ana", reason="quick")
    policies.save(database, "iris", Policy(gates=False), actor="boss")
    assert aliases.promote(database, "iris", 2, actor="ana", reason="quick").to_number == 2
    gate_texts.put(database, "iris", None, actor="boss")
    policies.save(database, "iris", Policy(gates=True), actor="boss")
    with pytest.raises(Refused, match="must be asked for"):
        aliases.promote(database, "iris", 1, actor="ana", reason="quick")


def test_a_policy_is_kept_recorded_and_within_its_ranges(
    database: Database, registered: Make
) -> None:
    registered("iris")
    assert policies.of(database, "iris") == policies.DEFAULT
    kept = Policy(approval=True, probation_hours=24, keep_days=90, keep_last=3, gates=True)
    policies.save(database, "iris", kept, actor="boss")
    policies.save(database, "iris", kept, actor="again")
    assert policies.of(database, "iris") == kept
    assert [one for one in actions(database) if one[0] == "policy"] == [("policy", "boss")]
    with pytest.raises(Unusable) as refused:
        policies.save(database, "iris", Policy(keep_last=0), actor="boss")
    assert refused.value.detail == (
        "`keep_last` of a policy is 0; expected a whole number from 1 to 10,000."
    )


def test_a_request_ends_once(database: Database, registered: Make) -> None:
    two(registered)
    one = asked(database)
    assert requests.refuse(database, one.id, actor="boris", reason="Not yet").state == "refused"
    with pytest.raises(Refused) as refused:
        requests.approve(database, one.id, actor="boris")
    assert refused.value.detail == "Request 1 was refused by boris. Not yet. Ask anew."
    other = asked(database)
    with pytest.raises(Refused, match="only who asked may withdraw it"):
        requests.withdraw(database, other.id, actor="boris", reason="I say so.")
    assert requests.withdraw(database, other.id, actor="Ana", reason="Later.").state == "withdrawn"
    assert [r.state for r in requests.of_model(database, "iris")] == ["withdrawn", "refused"]
    assert requests.open_requests(database) == []
    with pytest.raises(NotFound, match="There is no promotion request 9"):
        requests.approve(database, 9, actor="boris")


def test_a_version_is_asked_for_once_at_a_time(database: Database, registered: Make) -> None:
    two(registered)
    asked(database)
    with pytest.raises(Refused, match="Request 1 of ana asks for version 2 of `iris` already"):
        asked(database, actor="cy")


def test_what_is_asked_for_must_be_as_it_was_seen(database: Database, registered: Make) -> None:
    two(registered)
    with pytest.raises(ChampionMoved, match="is version 1, not none as you saw"):
        asked(database, seen=None)
    with pytest.raises(Refused, match="is version 1 already"):
        asked(database, number=1)
    with pytest.raises(Refused, match="Gates that are not waived stand in the way of version 2"):
        requests.ask(
            database,
            "iris",
            2,
            actor="ana",
            reason="Never mind.",
            seen=1,
            content=dossier(database, 2, passed=False),
        )
    with pytest.raises(Refused, match="is not the one that the dossier is of"):
        requests.ask(
            database,
            "iris",
            2,
            actor="ana",
            reason="Another's evidence.",
            seen=1,
            content=dossier(database, 1),
        )
    for actor, reason in ((" ", "why"), ("ana", " "), ("a" * 201, "why"), ("ana", "x" * 10_001)):
        with pytest.raises(Unusable):
            requests.ask(
                database,
                "iris",
                2,
                actor=actor,
                reason=reason,
                seen=1,
                content=dossier(database, 2),
            )
    assert requests.of_model(database, "iris") == []


def test_a_champion_that_moved_overtakes_the_requests_that_saw_another(
    database: Database, registered: Make
) -> None:
    two(registered)
    registered("iris", promoted=False)
    first, second = asked(database, 2), asked(database, 3)
    requests.approve(database, first.id, actor="boris")
    late = requests.get(database, second.id)
    assert late.state == "overtaken"
    assert late.decision == "The champion moved to version 2 (promotion 2)."
    assert audit.rows_of(database)[0].detail["overtaken"] == [second.id]
    with pytest.raises(Refused) as refused:
        requests.approve(database, second.id, actor="boris")
    assert refused.value.detail == (
        "Request 2 was overtaken. The champion moved to version 2 (promotion 2). Ask anew."
    )
    assert registry.model(database, "iris").champion == 2


def test_an_approval_looks_at_the_champion_itself(database: Database, registered: Make) -> None:
    two(registered)
    registered("iris", promoted=False)
    request = asked(database)
    with database.write() as connection:  # as by hand, with no move that overtakes the request
        connection.execute(alias_table.update().values(number=3))
    with pytest.raises(ChampionMoved, match="is version 3, not version 1 as you saw"):
        requests.approve(database, request.id, actor="boris")
    assert requests.get(database, request.id).state == "overtaken"
    assert registry.model(database, "iris").champion == 3


def test_a_version_whose_files_changed_is_not_promoted_on_old_evidence(
    database: Database, registered: Make
) -> None:
    two(registered)
    request = asked(database)
    one, other = (registry.version(database, "iris", n) for n in (1, 2))
    with database.write() as connection:
        swap = version_files.update().where(
            version_files.c.version_id == other.id, version_files.c.name == "reference"
        )
        connection.execute(swap.values(sha256=one.files["model"]))
    with pytest.raises(Refused, match="is not the one that the dossier is of"):
        requests.approve(database, request.id, actor="boris")
    # It stays written although the approval was refused.
    assert requests.get(database, request.id).state == "overtaken"
    assert actions(database)[-1] == ("request.overtaken", "boris")
    assert registry.model(database, "iris").champion == 1


def test_nothing_is_promoted_on_a_dossier_that_was_altered(
    database: Database, registered: Make
) -> None:
    two(registered)
    request = asked(database)
    with database.write() as connection:
        of_dossier = blob_chunks.c.sha256 == request.sha256
        connection.execute(blob_chunks.update().where(of_dossier).values(bytes=b"{}"))
    with pytest.raises(ArtefactDamaged, match="The dossier of request 1 is not what was frozen"):
        requests.approve(database, request.id, actor="boris")
    assert requests.get(database, request.id).is_open
    assert registry.model(database, "iris").champion == 1


def test_the_webhooks_job_is_queued_with_the_move_or_not_at_all(
    database: Database, registered: Make
) -> None:
    two(registered)
    request = asked(database)
    with pytest.raises(ChampionMoved):
        made(database, 2, None, announce=True)
    with database.read() as connection:
        assert connection.execute(sa.select(jobs)).all() == []
    move = requests.approve(database, request.id, actor="boris", announce=True)
    with database.read() as connection:
        queued = connection.execute(sa.select(jobs)).one()
    assert (queued.kind, queued.state) == ("promotion_webhook", "queued")
    assert queued.params == {"promotion": move.id, "attempt": 1}


def raced(calls: list[Callable[[], object]]) -> list[object]:
    """What each call gave or raised, all begun at once."""
    found: list[object] = [None] * len(calls)
    barrier = threading.Barrier(len(calls))

    def run(place: int) -> None:
        barrier.wait()
        try:
            found[place] = calls[place]()
        except WatchdeskError as error:
            found[place] = error

    threads = [threading.Thread(target=run, args=(place,)) for place in range(len(calls))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def test_of_several_workers_that_try_a_webhook_again_one_does(
    database: Database, registered: Make
) -> None:
    two(registered)
    aliases.promote(database, "iris", 2, actor="ana", reason="x", announce=True)
    with database.write() as connection:
        connection.execute(jobs.update().values(state="failed", ended_at=now(), error="gone"))
    assert announcing.again(database) == []
    later = now() + announcing.pause(1)
    found = raced([lambda: announcing.again(database, later)] * 5)
    queued = [one for one in found if one]
    assert len(queued) == 1
    with database.read() as connection:
        newest = connection.execute(sa.select(jobs).order_by(jobs.c.id.desc())).first()
    assert newest is not None
    assert (newest.state, newest.params["attempt"]) == ("queued", 2)


def test_a_worker_waits_for_another_that_is_about_to_try_a_webhook_again(
    database: Database, registered: Make
) -> None:
    two(registered)
    move = aliases.promote(database, "iris", 2, actor="ana", reason="x", announce=True)
    with database.write() as connection:
        connection.execute(jobs.update().values(state="failed", ended_at=now(), error="gone"))
    later, found = now() + announcing.pause(1), [[-1]]
    second = threading.Thread(target=lambda: found.append(announcing.again(database, later)))
    with database.write() as connection:
        row = sa.select(promotions.c.id).where(promotions.c.id == move.id)
        connection.execute(row.with_for_update())
        announcing.queue(connection, move.id, by="ana", attempt=2)
        second.start()
        second.join(0.5)  # long enough to get to where it must wait
    second.join()
    assert found[-1] == []


def test_of_several_who_approve_at_once_one_promotes_and_the_others_are_told(
    database: Database, registered: Make
) -> None:
    two(registered)
    registered("iris", promoted=False)
    needs_approval(database)
    ids = [asked(database, 2).id, asked(database, 3).id]
    people = ["boris", "cy", "di"]
    found = raced(
        [
            lambda i=i, who=who: requests.approve(database, i, actor=who)  # type: ignore[misc]
            for i in ids
            for who in people
        ]
    )
    moves = [one for one in found if isinstance(one, aliases.Promotion)]
    assert len(moves) == 1
    told = [one.detail for one in found if isinstance(one, Refused)]
    assert len(told) == len(found) - 1
    assert all("already" in one or "overtaken" in one for one in told)
    assert registry.model(database, "iris").champion == moves[0].to_number
    assert sorted(r.state for r in requests.of_model(database, "iris")) == ["made", "overtaken"]


def test_of_several_who_promote_at_once_one_does_and_the_others_are_told(
    database: Database, registered: Make
) -> None:
    two(registered)
    for _ in range(2):
        registered("iris", promoted=False)
    found = raced([lambda n=n: made(database, n, 1) for n in (2, 3, 4, 2)])  # type: ignore[misc]
    assert [isinstance(one, Request) for one in found].count(True) == 1
    told = [one for one in found if isinstance(one, WatchdeskError)]
    assert all(isinstance(one, ChampionMoved) for one in told)
    assert len(requests.of_model(database, "iris")) == 1
    champions = [one for one in aliases.history(database, "iris") if one.alias == "champion"]
    assert len(champions) == 2


@pytest.mark.parametrize("seed", range(3))
def test_whatever_people_do_requests_promotions_and_the_champion_agree(
    database: Database, registered: Make, seed: int
) -> None:
    two(registered)
    registered("iris", promoted=False)
    draw = random.Random(seed)
    done = 0
    for _ in range(40):
        try:
            draw.choice(_steps(database, draw))()
            done += 1
        except WatchdeskError:
            pass
        _agree(database)
    assert done > 10
    assert chain.check(database, {}).ok


def _steps(database: Database, draw: random.Random) -> list[Callable[[], object]]:
    """What somebody may try next."""
    present = registry.model(database, "iris").champion
    ids = [one.id for one in requests.of_model(database, "iris")] or [1]
    who, number, earlier = draw.choice(["ana", "boris"]), draw.choice([1, 2, 3]), draw.choice(ids)
    policy = Policy(approval=draw.random() < 0.5)
    return [
        lambda: asked(database, number, actor=who, seen=present),
        lambda: asked(database, number, actor=who, seen=present),
        lambda: requests.approve(database, earlier, actor=who),
        lambda: requests.approve(database, ids[0], actor=who),
        lambda: requests.refuse(database, ids[0], actor=who, reason="no"),
        lambda: aliases.rollback(database, "iris", actor=who, reason="back"),
        lambda: policies.save(database, "iris", policy, actor="boss"),
    ]


def _agree(database: Database) -> None:
    champion = registry.model(database, "iris").champion
    moves = aliases.history(database, "iris", limit=None)
    assert moves[0].to_number == champion
    listed = requests.of_model(database, "iris")
    fulfilled = {one.promotion_id: one for one in listed if one.state == "made"}
    assert {one.id for one in moves if one.request_id is not None} == set(fulfilled)
    for move in moves:
        if move.id in fulfilled:
            request = fulfilled[move.id]
            assert (move.from_number, move.to_number) == (request.from_number, request.number)
            assert move.dossier == request.sha256
    assert all(one.from_number == champion for one in listed if one.is_open)
