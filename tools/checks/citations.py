"""Citation keys of the pages against the data, both ways."""

import re
from collections.abc import Iterator
from pathlib import Path

from tools.catalog import Catalog
from tools.pages import CITE, Page
from tools.problem import Problem
from tools.source import read_text


def cited_papers_exist(root: Path, catalog: Catalog, pages: list[Page]) -> Iterator[Problem]:
    """CITE001: a page cites a key that is no paper of docs/data/papers. Add the paper with its sources, then cite it."""
    for page in pages:
        for line, key in page.citations():
            if key not in catalog.papers:
                yield Problem(page.name, line, "CITE001", f"{key} is no paper of docs/data/papers")


def bibliography_is_cited(root: Path, catalog: Catalog, pages: list[Page]) -> Iterator[Problem]:
    """CITE002: references.bib has an entry that nothing cites. It holds the cited works only; run python -m tools build."""
    cited = {key for page in pages for _, key in page.citations()} | catalog.cited_by_data()
    text, problems = read_text(root / "references.bib", "references.bib")
    yield from problems
    for found in re.finditer(r"^@[a-z]+\{([^,]+),$", text or "", re.M):
        if text and found[1] not in cited:
            line = text.count("\n", 0, found.start()) + 1
            yield Problem("references.bib", line, "CITE002", f"{found[1]} is cited nowhere; run: python -m tools build")


def citations_carry_a_claim(root: Path, catalog: Catalog, pages: list[Page]) -> Iterator[Problem]:
    """CITE003: a citation stands alone or in a bare list. It belongs in a sentence that says what the work found or did."""
    for page in pages:
        for line, text in page.blocks():
            words = {word.lower() for word in re.findall(r"[A-Za-z]{2,}", CITE.sub("", text))}
            if CITE.search(text) and words <= LINKING:
                yield Problem(page.name, line, "CITE003", "a citation without a sentence; say what the work found or did")


LINKING = {"and", "or", "see", "also", "cf", "eg"}

RULES = (cited_papers_exist, bibliography_is_cited, citations_carry_a_claim)
