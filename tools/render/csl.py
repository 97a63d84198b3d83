"""Papers as CSL-JSON, as citation managers and pandoc read it."""

import json
from collections.abc import Iterable

from tools.fields import Name
from tools.models import Paper

SAME = ("container_title", "volume", "issue", "page", "number", "edition", "collection_title", "publisher", "publisher_place")


def name(person: Name) -> dict[str, str]:
    """A person or a body."""
    return {key: value for key in ("family", "given", "suffix", "literal") if (value := getattr(person, key))}


def item(paper: Paper) -> dict[str, object]:
    """One work; only what is known."""
    people = {"author": paper.author, "editor": paper.editor}
    names = {key: [name(one) for one in group] for key, group in people.items() if group}
    same = {key.replace("_", "-"): value for key in SAME if (value := getattr(paper, key))}
    preprint = {"archive": "arXiv", "archive_location": paper.custom.arxiv} if paper.custom.arxiv else {}
    given = {"DOI": paper.doi, "ISBN": paper.isbn, "URL": paper.link, "note": paper.note}
    return {
        "id": paper.id,
        "type": paper.type,
        "title": paper.title,
        **names,
        "issued": {"date-parts": [[int(part) for part in paper.issued.split("-")]]},
        **same,
        **preprint,
        **{key: value for key, value in given.items() if value},
        "keyword": ", ".join(paper.custom.topics),
    }


def bibliography(papers: Iterable[Paper]) -> str:
    """All of them, sorted by key, one a line."""
    dump = json.JSONEncoder(ensure_ascii=False).encode
    lines = (dump(item(paper)) for paper in sorted(papers, key=lambda paper: paper.id))
    return "[\n" + ",\n".join(lines) + "\n]\n"
