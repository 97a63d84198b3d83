"""references.bib says what the data say, to every program that reads BibTeX."""

import shutil
import subprocess
from pathlib import Path

import pytest
from pybtex.database import parse_string

from tools.fields import Name
from tools.load import load
from tools.models import Paper
from tools.render import bibtex

ROOT = Path(__file__).parent.parent
CATALOG, PROBLEMS = load(ROOT)


def paper(**changes) -> Paper:
    fields = {
        "id": "lee2020a",
        "type": "article",
        "title": "A",
        "author": [{"family": "Lee", "given": "A."}],
        "issued": "2020-05",
        "custom": {"arxiv": "2005.00001", "topics": ["t"], "sources": ["a", "b"], "venue-sources": ["c"], "checked": "2026"},
    }
    return Paper.model_validate(fields | changes)


def parsed(one: Paper):
    return parse_string(bibtex.entry(one), "bibtex").entries[one.id]


def test_all_data_come_back_from_pybtex():
    """Parsed by another program, every entry has the data's key, type, people, title, year, ids and link."""
    assert PROBLEMS == []
    text = bibtex.bibliography(CATALOG.papers.values())
    entries = parse_string(text, "bibtex").entries
    assert list(entries) == sorted(CATALOG.papers)
    for key, one in CATALOG.papers.items():
        entry = entries[key]
        people = [" ".join(p.prelast_names + p.last_names).strip("{}") for p in entry.persons["author"]]
        assert people == [bibtex.escape(name.short) for name in one.author], key
        given = [" ".join(p.first_names + p.middle_names) for p in entry.persons["author"]]
        assert given == [bibtex.escape(name.given or "") for name in one.author], key
        fields = entry.fields
        assert fields["title"] == "{" + bibtex.escape(one.title) + "}"
        assert fields["year"] == one.issued[:4]
        assert fields.get("eprint") == one.custom.arxiv
        assert fields.get("doi") == one.doi
        assert fields["url"] == one.link
        venue = fields.get("booktitle") or fields.get("journal")
        assert venue == (one.container_title and bibtex.escape(one.container_title))


@pytest.mark.parametrize(
    "changes, kind, field, value",
    [
        ({"type": "article"}, "misc", "archiveprefix", "arXiv"),
        ({"type": "article-journal", "container-title": "J"}, "article", "journal", "J"),
        ({"type": "paper-conference", "container-title": "C"}, "inproceedings", "booktitle", "C"),
        ({"type": "chapter", "container-title": "B"}, "incollection", "booktitle", "B"),
        ({"type": "book", "publisher": "P"}, "book", "publisher", "P"),
        ({"type": "thesis", "publisher": "U"}, "phdthesis", "school", "U"),
        ({"type": "report", "publisher": "L"}, "techreport", "institution", "L"),
    ],
)
def test_types_and_the_fields_that_go_with_them(changes, kind, field, value):
    entry = parsed(paper(**changes))
    assert entry.type == kind
    assert entry.fields[field] == value


def test_pages_have_an_en_dash():
    assert parsed(paper(page="12-19")).fields["pages"] == parsed(paper(page="12–19")).fields["pages"] == "12--19"


def test_urls_are_not_escaped():
    assert parsed(paper(URL="https://x.org/a_b%20c?d=1&e#f~g")).fields["url"] == "https://x.org/a_b%20c?d=1&e#f~g"


@pytest.mark.parametrize(
    "name, written",
    [
        ({"family": "van der Maaten", "given": "Laurens"}, "{van der Maaten}, Laurens"),
        ({"family": "Brown", "given": "Tom B."}, "Brown, Tom B."),
        ({"family": "King", "given": "M. L.", "suffix": "Jr."}, "King, Jr., M. L."),
        ({"literal": "DeepSeek-AI"}, "{DeepSeek-AI}"),
        ({"literal": "Research and Development"}, "{Research and Development}"),
        ({"family": "Hüllermeier", "given": "Eyke"}, "Hüllermeier, Eyke"),
    ],
)
def test_names(name, written):
    assert bibtex.name(Name.model_validate(name)) == written


@pytest.fixture(scope="module")
def exported(tmp_path_factory) -> Path:
    """The whole catalogue as a file, for the programs."""
    path = tmp_path_factory.mktemp("bib") / "all.bib"
    path.write_text(bibtex.bibliography(CATALOG.papers.values()), "utf-8")
    return path


def run(folder: Path, *command: str) -> str:
    if shutil.which(command[0]) is None:
        pytest.skip(f"{command[0]} is not installed (tools/system-packages.txt)")
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=300)
    return f"exit {done.returncode}\n{done.stdout}{done.stderr}"


def test_biber_accepts_the_data_model(exported):
    said = run(exported.parent, "biber", "--tool", "--validate-datamodel", exported.name)
    assert said.startswith("exit 0"), said[-3000:]
    assert "ERROR" not in said and "WARN" not in said, "\n".join(
        row for row in said.splitlines() if "ERROR" in row or "WARN" in row
    )


def test_classic_bibtex_accepts_it(exported):
    """With plain.bst: no error and no warning but the harmless ones about what plain.bst would like to have."""
    (exported.parent / "all.aux").write_text("\\citation{*}\n\\bibstyle{plain}\n\\bibdata{all}\n")
    said = run(exported.parent, "bibtex", "all")
    assert said.startswith("exit 0"), said[-3000:]
    made = (exported.parent / "all.bbl").read_text("utf-8", errors="replace")
    assert made.count("\\bibitem") == len(CATALOG.papers)
