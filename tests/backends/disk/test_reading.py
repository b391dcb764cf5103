"""Readings that can't be trusted yet, and what was read meanwhile."""

from pathlib import Path

from secretscope.backends._disk import Reading, Seen, Signature, signature_of


def state(written: int) -> Signature:
    return Signature(device=1, inode=1, size=9, written=written)


def test_a_file_that_changed_while_it_was_read_is_not_settled() -> None:
    reading = Reading(b"half-half", signature=state(0), afterwards=state(1))
    assert reading.settles_in(1_000.0) == 0.05
    reading = Reading(b"whole-new", signature=state(1), afterwards=state(1))
    assert reading.settles_in(1_000.0) == 0
    assert "whole" not in repr(reading)


def test_what_is_read_again_while_it_is_looked_at_stays_seen(tmp_path: Path) -> None:
    file = tmp_path / "A"
    file.write_text("x")
    seen = Seen()
    seen.note("A", None)

    def locate(location: str) -> Path:
        seen.note(location, signature_of(file))
        return file

    assert seen.changed(locate) == ["A"]
    assert seen.changed(lambda location: file) == []
