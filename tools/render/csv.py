"""Rows as CSV (RFC 4180): the single place where the book escapes for it."""

import csv
import io
from collections.abc import Iterable, Sequence


def guard(value: str) -> str:
    """`value` as a spreadsheet shows it: one that begins like a formula begins with an apostrophe instead."""
    return f"'{value}" if value[:1] in ("=", "+", "-", "@", "\t", "\r") else value


def rows(header: Sequence[str], body: Iterable[Sequence[str]]) -> str:
    """A header row and the others, ended by CR LF as the format asks."""
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\r\n").writerows([guard(cell) for cell in row] for row in (header, *body))
    return out.getvalue()
