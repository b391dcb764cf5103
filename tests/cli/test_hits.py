"""Credentials are found in files of any size and writing, and shown masked."""

import io

import pytest

from secretscope.cli import _hits
from secretscope.cli._hits import hits_in

GITHUB = "ghp_" + "a1B2c3D4e5F6" * 3
LINES = "line\n" * 300
PEM = "\n".join(
    ["-----BEGIN PRIVATE KEY-----", *["MIIEvQIBADANBgkqhkiG9w0BAQEFAASC" * 2] * 4,
     "-----END PRIVATE KEY-----"]
)  # fmt: skip


@pytest.mark.parametrize("piece", [7, 64, 1000, 1 << 22])
def test_where_a_file_is_cut_makes_no_difference(
    piece: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_hits, "_PIECE", piece)
    monkeypatch.setattr(_hits, "_LONGEST", 600)
    text = f"a\n{GITHUB} é {GITHUB}\n{'x' * 900}{GITHUB}y\n{PEM}\n{LINES}{GITHUB}"
    found = list(hits_in("f", io.BytesIO(text.encode())))
    assert [(hit.line, hit.column, hit.shape) for hit in found] == [
        (2, 1, "github-pat"),
        (2, 44, "github-pat"),
        (4, 1, "pem-private-key"),
        (310, 1, "github-pat"),
    ]
    assert {hit.masked for hit in found[:2]} == {"[REDACTED] é [REDACTED]"}


def test_text_of_two_bytes_a_letter_is_read() -> None:
    for encoding in ("utf-16-le", "utf-16-be"):
        mark = "\N{ZERO WIDTH NO-BREAK SPACE}"
        given = io.BytesIO(f"{mark}key {GITHUB}".encode(encoding))
        assert [hit.column for hit in hits_in("f", given)] == [5]


def test_a_long_line_is_shown_around_what_was_found() -> None:
    beside = f"{'a' * 5000} {GITHUB}, {GITHUB};\x1b[31m{'b' * 5000}"
    hits = list(hits_in("f", io.BytesIO(beside.encode())))
    assert len(hits) == 2
    for hit in hits:
        assert "[REDACTED], [REDACTED];" in hit.masked
        assert GITHUB[:8] not in hit.masked
        assert len(hit.masked) <= 80
        assert "\x1b" not in hit.masked
