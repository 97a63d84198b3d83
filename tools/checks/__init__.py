"""Checks of the pages: generators of problems, each documented from its own docstring."""

from collections.abc import Callable, Iterator
from itertools import chain
from pathlib import Path

from tools.catalog import Catalog
from tools.checks import accessibility, citations, frontmatter, links, notation, prose, teaching
from tools.pages import Page
from tools.problem import Problem

Rule = Callable[[Path, Catalog, list[Page]], Iterator[Problem]]

CHECKS: dict[str, tuple[Rule, ...]] = {
    "citations": citations.RULES,
    "frontmatter": frontmatter.RULES,
    "notation": notation.RULES,
    "links": links.RULES,
    "accessibility": accessibility.RULES,
    "prose": prose.RULES,
    "teaching": teaching.RULES,
}


def run(name: str, root: Path, catalog: Catalog, pages: list[Page]) -> list[Problem]:
    """All problems that the check `name` finds."""
    return list(chain.from_iterable(rule(root, catalog, pages) for rule in CHECKS[name]))
