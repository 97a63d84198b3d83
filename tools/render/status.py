"""How far the book is: every chapter, whether it is written, and the papers behind it."""

from collections.abc import Collection

from tools.catalog import Catalog
from tools.render import myst


def status(catalog: Catalog, outlines: Collection[str]) -> str:
    """A table for README.md; `outlines` are the names (part/chapter) of the pages that are not written yet."""
    parts = {part.id: part.title for part in catalog.vocabulary.parts}
    written = sum(f"{topic.part}/{topic.id}" not in outlines for topic in catalog.vocabulary.topics)
    head = f"{written} of {len(catalog.topics)} chapters and guide pages are written; the others are outlines.\n"
    rows = ["| part | chapter | status | papers |", "|---|---|---|--:|"]
    for topic in catalog.vocabulary.topics:
        name = f"{topic.part}/{topic.id}"
        state = "outline" if name in outlines else "written"
        link = f"[{myst.text(topic.title)}](../{name}.md)"
        rows.append(f"| {myst.text(parts[topic.part])} | {link} | {state} | {len(catalog.of_topic(topic.id))} |")
    return f"{myst.HEADER}\n# Status of the chapters\n\n{head}\n" + "\n".join(rows) + "\n"
