"""Bad input: each kind ends in exactly these problems, with file and line, and nothing else."""

import shutil
from pathlib import Path

import pytest

from tools.load import load
from tools.source import MAX_FILE

FIXTURES = Path(__file__).parent / "fixtures"
BROKEN = sorted((FIXTURES / "broken").glob("*.yaml"))
PAPERS = "docs/data/papers/human-feedback.yaml"


@pytest.fixture
def book(tmp_path: Path) -> Path:
    shutil.copytree(FIXTURES / "good", tmp_path, dirs_exist_ok=True)
    return tmp_path


def problems(book: Path) -> list[str]:
    catalog, found = load(book)
    assert (catalog is None) == bool(found)
    return [str(problem) for problem in found]


def test_the_good_data_have_no_problem(book):
    catalog, found = load(book)
    assert found == []
    paper = catalog.papers["christiano2017deep"]
    assert (paper.author[0].family, paper.issued, paper.first_seen) == ("Christiano", "2017", "2017-06")
    assert catalog.repositories["example/dpo"].custom.async_ is False
    assert catalog.repositories["example/dpo"].custom.multi_node is None


@pytest.mark.parametrize("path", BROKEN, ids=lambda path: path.stem)
def test_broken_input(book, path):
    """The first line says which file of the good data it replaces; each `# expect:` line is a problem."""
    text = path.read_text("utf-8")
    comments = [line.removeprefix("# ") for line in text.splitlines() if line.startswith(("# replaces: ", "# expect: "))]
    target = comments[0].removeprefix("replaces: ")
    expected = [line.removeprefix("expect: ") for line in comments[1:]]
    (book / "docs/data" / target).write_text("" if path.stem == "empty-file" else text, "utf-8")
    assert expected
    assert problems(book) == expected


def test_there_are_at_least_forty_kinds():
    assert len(BROKEN) >= 40


@pytest.mark.parametrize(
    "raw, expected",
    [
        (b"- id: x\n  title: Caf\xe9\n", f"{PAPERS}:2: DATA003 is not UTF-8 (byte 0xE9); save the file as UTF-8"),
        (b"- id: x\n  title: a\x00b\n", f"{PAPERS}:2: DATA006 is not YAML: character U+0000 is not allowed"),
        (b"", f"{PAPERS}: DATA004 is empty; an empty list is written []"),
        (b"- " + b"x" * 5_000_000, f"{PAPERS}: DATA002 has 5000002 bytes; at most {MAX_FILE} are read"),
        (b"[" * 100_000 + b"]" * 100_000, f"{PAPERS}: DATA006 is nested more than 100 levels deep"),
        (b"- " * 100_000 + b"x", f"{PAPERS}: DATA006 is nested more than 100 levels deep"),
        (b"".join(b" " * n + b"-\n" for n in range(2000)), f"{PAPERS}: DATA006 is nested more than 100 levels deep"),
    ],
    ids=["latin-1", "nul", "empty", "5 MB", "deep brackets", "deep dashes", "deep indents"],
)
def test_bytes_that_are_no_yaml(book, raw, expected):
    (book / PAPERS).write_bytes(raw)
    assert problems(book) == [expected]


def test_a_loop_of_links(book):
    (book / PAPERS).unlink()
    (book / PAPERS).symlink_to("human-feedback.yaml")
    assert problems(book) == [f"{PAPERS}: DATA001 cannot be read: Too many levels of symbolic links"]


def test_a_directory_in_place_of_a_file(book):
    (book / PAPERS).unlink()
    (book / PAPERS).mkdir()
    assert problems(book) == [f"{PAPERS}: DATA001 cannot be read: Is a directory"]


def test_missing_and_unknown_files(book):
    (book / "docs/data/paths.yaml").rename(book / "docs/data/path.yaml")
    assert problems(book) == [
        "docs/data/path.yaml: DATA025 is no file of docs/data that the book knows",
        "docs/data/paths.yaml: DATA025 is missing",
    ]


def test_other_files_among_the_papers(book):
    (book / "docs/data/papers/x.yml").write_text("junk")
    (book / "docs/data/papers/sub").mkdir()
    assert problems(book) == [
        "docs/data/papers/sub: DATA025 is no .yaml file; the book reads nothing else here",
        "docs/data/papers/x.yml: DATA025 is no .yaml file; the book reads nothing else here",
    ]


def test_all_problems_of_all_files_come_in_one_run(book):
    for name in ("papers/human-feedback.yaml", "courses.yaml", "paths.yaml"):
        path = book / "docs/data" / name
        path.write_text(path.read_text().replace("title: ", "titel: "), "utf-8")
    assert [line.split(":")[0] for line in problems(book) if "DATA020" in line] == [
        "docs/data/courses.yaml",
        "docs/data/papers/human-feedback.yaml",
        "docs/data/paths.yaml",
    ]


def test_the_order_of_records_changes_nothing(book):
    second = "- id: lee2021other\n  type: article\n  title: Other\n  author: [{family: Lee, given: A}]\n  issued: 2021-01\n"
    second += "  custom: {arxiv: '2101.00001', topics: [human-feedback], sources: [a/b:c, d/e:f], checked: 2026-11-22}\n"
    first = (book / PAPERS).read_text()
    (book / PAPERS).write_text(first + second)
    one, _ = load(book)
    (book / PAPERS).write_text(second + first)
    other, _ = load(book)
    assert list(one.papers.items()) == list(other.papers.items())
