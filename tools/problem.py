"""A problem found in the book's data or pages: a value, never an exception."""

from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class Problem:
    """One thing to mend, at `line` (1-based; 0: the file as a whole) of `path` (POSIX, relative to the repository).

    `code` is a family and three digits; `python -m tools explain CODE` says what it means and what to do.
    """

    path: str
    line: int
    code: str
    message: str

    def __str__(self) -> str:
        place = f"{self.path}:{self.line}" if self.line else self.path
        return f"{place}: {self.code} {self.message}"
