"""Bytes in the database: the same ones stored by several at once."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from backend.records import blobs
from backend.records.database import Database

AT_ONCE = 4


def test_of_several_who_store_the_same_bytes_at_once_none_fails(database: Database) -> None:
    barrier = Barrier(AT_ONCE)

    def stored(content: bytes) -> str:
        barrier.wait(30)
        return blobs.store(database, content)

    with ThreadPoolExecutor(AT_ONCE) as people:
        for n in range(10):
            content = f"dossier {n}".encode()
            found = set(people.map(stored, [content] * AT_ONCE))
            assert len(found) == 1
            assert blobs.fetch(database, found.pop()) == content
