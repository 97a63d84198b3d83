"""Words that the book does without (CONTRIBUTING.md, Voice)."""

import re
from collections.abc import Iterator
from pathlib import Path

from tools.catalog import Catalog
from tools.pages import Page
from tools.problem import Problem

FILLER = re.compile(
    r"\b(delv(?:e|es|ed|ing)|seamless(?:ly)?|crucial(?:ly)?|powerful(?:ly)?|cutting[- ]edge|game[- ]chang\w+|"
    r"state-of-the-art landscape|rapidly evolving|it is important to note|it is worth noting|in conclusion|"
    r"unlock(?:s|ing)? the|harness(?:es|ing)? the power|plethora|myriad|leverag(?:es|ed|ing)|paradigm shift|"
    r"needless to say|as we all know|simply put|groundbreaking|revolutioni[sz]\w+)\b",
    re.I,
)
UNFINISHED = re.compile(r"\b(TODO|FIXME|XXX|TBD|lorem ipsum|coming soon|to be written|for brevity)\b")


def no_filler(root: Path, catalog: Catalog, pages: list[Page]) -> Iterator[Problem]:
    """PROSE001: a word of praise or filler. Leave it out, or say what was measured."""
    for page in pages:
        for line, text in page.lines():
            for found in FILLER.finditer(_unquoted(text)):
                yield Problem(page.name, line, "PROSE001", f"{found[0]!r} says nothing a reader could check; leave it out")


def _unquoted(text: str) -> str:
    """Without links, emphasised titles and roles, which are names rather than our words."""
    return re.sub(r"\[[^\]]*\]\([^)]*\)|(?<!\*)\*[^*]+\*(?!\*)|\{[a-z:]+\}`[^`]*`", "", text)


def nothing_unfinished(root: Path, catalog: Catalog, pages: list[Page]) -> Iterator[Problem]:
    """PROSE002: a mark of unfinished work. Finish it; a chapter that is not written has status: outline."""
    for page in pages:
        for line, text in page.lines():
            for found in UNFINISHED.finditer(text):
                yield Problem(page.name, line, "PROSE002", f"{found[0]!r} marks unfinished work")


RULES = (no_filler, nothing_unfinished)
