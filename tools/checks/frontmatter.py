"""The head of each page: what it must say about itself."""

from collections.abc import Iterator
from pathlib import Path

from tools.catalog import Catalog
from tools.pages import Page
from tools.problem import Problem

PAGE_FIELDS = {"title"}
CHAPTER_FIELDS = {"title", "status", "kind", "topics", "objectives", "prerequisites", "level", "lab"}
LAB_FIELDS = {"title", "file_format", "kernelspec", "mystnb"}
EXERCISE_FIELDS = {"title", "objective", "depth", "minutes"}
FOLDER_FIELDS = {"labs": LAB_FIELDS, "exercises": EXERCISE_FIELDS}
REQUIRED = ("topics", "objectives", "prerequisites", "level", "lab")
LEVELS = ("introductory", "intermediate", "advanced")
LISTS, TEXTS = {"topics", "objectives", "prerequisites"}, {"title", "status", "kind", "level", "lab"}
CATALOGUE_PARTS = ("courses", "libraries", "resources")  # guide pages: they list, they do not teach


def _chapters(catalog: Catalog, pages: list[Page]) -> Iterator[tuple[str, Page]]:
    """(title that it must have, page) of the pages that are chapters."""
    titles = {f"{topic.part}/{topic.id}": topic.title for topic in catalog.vocabulary.topics}
    return ((titles[page.docname], page) for page in pages if page.docname in titles)


def _teaches(page: Page) -> bool:
    return page.docname.split("/")[0] not in CATALOGUE_PARTS


def known_fields(root: Path, catalog: Catalog, pages: list[Page]) -> Iterator[Problem]:
    """PAGE002: the front matter has a field that no page has. Mend the spelling or leave it out."""
    chapters = {page.name for _, page in _chapters(catalog, pages)}
    for page in pages:
        for field in page.meta:
            if field not in (
                CHAPTER_FIELDS if page.name in chapters else FOLDER_FIELDS.get(page.docname.split("/")[0], PAGE_FIELDS)
            ):
                yield Problem(page.name, page.front.line((field,)), "PAGE002", f"{field} is no field of front matter here")


def needed_fields(root: Path, catalog: Catalog, pages: list[Page]) -> Iterator[Problem]:
    """PAGE003: a page lacks a title, or a chapter one of topics, objectives (3 to 6), prerequisites, level, lab."""
    teaching = {page.name for _, page in _chapters(catalog, pages) if _teaches(page)}
    for page in pages:
        for field in ("title", *(REQUIRED if page.name in teaching else ())):
            if field not in page.meta:
                yield Problem(page.name, 1, "PAGE003", f"front matter lacks {field}")
        number = len(page.words("objectives"))
        if page.name in teaching and "objectives" in page.meta and not 3 <= number <= 6:
            yield Problem(page.name, page.front.line(("objectives",)), "PAGE003", f"has {number} objectives, not 3 to 6")


def right_values(root: Path, catalog: Catalog, pages: list[Page]) -> Iterator[Problem]:
    """PAGE004: a value of the front matter is not one that the book knows (title of the topic, level, status, topic)."""
    for title, page in _chapters(catalog, pages):
        wrong: dict[str, str | bool] = {
            "title": page.meta.get("title") != title and f"must be {title!r}, the topic's title in vocabulary.yaml",
            "level": page.meta.get("level", LEVELS[0]) not in LEVELS and f"must be one of {', '.join(LEVELS)}",
            "status": page.meta.get("status", "outline") != "outline"
            and "must be outline, or left out when the chapter is written",
        }
        for field in LISTS & page.meta.keys():
            value = page.meta[field]
            wrong[field] = (not isinstance(value, list) or len(page.words(field)) < len(value)) and "must be a list of words"
        for field in (TEXTS & page.meta.keys()) - {"title", "level", "status"}:
            wrong[field] = not isinstance(page.meta[field], str) and "must be text"
        for field, why in sorted(wrong.items()):
            if why:
                yield Problem(page.name, page.front.line((field,)), "PAGE004", f"{field} {why}")
        for topic in page.words("topics"):
            if topic not in catalog.topics:
                yield Problem(page.name, page.front.line(("topics",)), "PAGE004", f"{topic} is no topic of vocabulary.yaml")


def prerequisites_come_first(root: Path, catalog: Catalog, pages: list[Page]) -> Iterator[Problem]:
    """PAGE005: a prerequisite is no chapter, or chapters need one another in a circle."""
    needs: dict[str, list[str]] = {}
    by_name = {page.docname: page for page in pages}
    for page in pages:
        needs[page.docname] = page.words("prerequisites")
    for page in pages:
        line = page.front.line(("prerequisites",))
        for name in needs[page.docname]:
            if name not in by_name:
                yield Problem(page.name, line, "PAGE005", f"prerequisite {name} is no page")
        if page.docname in _reachable(needs, page.docname):
            yield Problem(page.name, line, "PAGE005", "needs itself, by way of its prerequisites")


def _reachable(needs: dict[str, list[str]], start: str) -> set[str]:
    found: set[str] = set()
    waiting = list(needs[start])
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += needs.get(name, ())
    return found


def every_chapter_has_a_page(root: Path, catalog: Catalog, pages: list[Page]) -> Iterator[Problem]:
    """PAGE006: a topic of vocabulary.yaml has no page docs/PART/TOPIC.md."""
    names = {page.docname for page in pages}
    for topic in catalog.vocabulary.topics:
        if f"{topic.part}/{topic.id}" not in names:
            yield Problem(f"docs/{topic.part}/{topic.id}.md", 0, "PAGE006", f"is missing: the page of topic {topic.id}")


RULES = (known_fields, needed_fields, right_values, prerequisites_come_first, every_chapter_has_a_page)
