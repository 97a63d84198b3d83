"""What the press writes: a manifest of paths and their texts, written atomically and only where something changed.

GEN001: a generated file is not what the data say now. `python -m tools build` mends it; never edit it by hand.
GEN002: a file of docs/_generated is made by nothing any more. `python -m tools build` removes it.
GEN003: a generated file could not be written (disk full, no permission). Nothing was lost; run the build again.
"""

import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path

from tools.catalog import Catalog
from tools.pages import Page
from tools.problem import Problem
from tools.render import bibtex, csl, json, lists, notices, repositories, status, tables
from tools.source import reason

GENERATED = "docs/_generated"


def manifest(catalog: Catalog, pages: Sequence[Page]) -> dict[str, str]:
    """Every generated file: its path, and the text that the data make it have."""
    cited = catalog.cited_by_data().union(*({key for _, key in page.citations()} for page in pages)) & catalog.papers.keys()
    papers = catalog.papers.values()
    made = {
        "corrections.md": notices.corrections(catalog),
        "errata.md": notices.errata(catalog),
        "glossary.md": notices.glossary(catalog),
        "notation.md": notices.notation(catalog),
        "macros.json": json.macros(catalog),
        "counts.json": json.counts(catalog, len(cited)),
        "downloads/catalogue.bib": bibtex.bibliography(papers),
        "downloads/catalogue.csl.json": csl.bibliography(papers),
        "downloads/catalogue.csv": lists.full_csv(catalog),
        "tables/corrections.csv": notices.corrections_csv(catalog),
        "catalogue.md": tables.to_myst(lists.catalogue(catalog)),
    }
    made |= {f"lists/{topic}.md": text for topic, text in lists.reading_lists(catalog)}
    for table in chain(repositories.all_tables(catalog), lists.all_tables(catalog)):
        made |= {f"tables/{table.name}.md": tables.to_myst(table), f"tables/{table.name}.csv": tables.to_csv(table)}
    for key, data in catalog.tables.items():
        made |= {
            f"tables/{key}.md": tables.comparison(catalog, data),
            f"tables/{key}.csv": tables.comparison_csv(catalog, data),
        }
    outlines = {page.docname for page in pages if page.meta.get("status") == "outline"}
    made["status.md"] = status.status(catalog, outlines)
    bibliography = bibtex.bibliography(catalog.papers[key] for key in sorted(cited))
    return {"references.bib": bibliography} | {f"{GENERATED}/{name}": text for name, text in sorted(made.items())}


def stale(root: Path, outputs: Mapping[str, str]) -> Iterator[Problem]:
    """What `write` would change."""
    for name, text in sorted(outputs.items()):
        if _current(root / name) != text.encode():
            yield Problem(name, 0, "GEN001", "is not what the data say; run: python -m tools build")
    for name in _orphans(root, outputs):
        yield Problem(name, 0, "GEN002", "is made by nothing any more; run: python -m tools build")


def write(root: Path, outputs: Mapping[str, str]) -> tuple[list[str], list[Problem]]:
    """Make the files under `root` equal to `outputs`. Returns the names that changed, and what failed."""
    changed: list[str] = []
    problems: list[Problem] = []
    for name, text in sorted(outputs.items()):
        try:
            if _current(root / name) != text.encode():
                _replace(root / name, text.encode())
                changed.append(name)
        except OSError as error:
            problems.append(Problem(name, 0, "GEN003", f"could not be written: {reason(error)}"))
    for name in _orphans(root, outputs):
        try:
            (root / name).unlink()
            changed.append(name)
        except OSError as error:
            problems.append(Problem(name, 0, "GEN003", f"could not be removed: {reason(error)}"))
    return changed, problems


def _current(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except OSError:
        return None


def _orphans(root: Path, outputs: Mapping[str, str]) -> Iterator[str]:
    for path in sorted((root / GENERATED).rglob("*")):
        name = path.relative_to(root).as_posix()
        if path.is_file() and name not in outputs:
            yield name


def _replace(path: Path, data: bytes) -> None:
    """Write beside `path`, then rename: a reader sees the old file or the new one, never a part."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
