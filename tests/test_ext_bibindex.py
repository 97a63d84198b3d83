"""The indexed sphinxcontrib-bibtex writes what the stock one writes, warnings included, and reads its cache."""

import os
import pickle
import re
import subprocess
import sys
from pathlib import Path

import pytest
from pybtex.richtext import Text

pytestmark = pytest.mark.book  # they run Sphinx

EXT = Path(__file__).parents[1] / "docs" / "_ext"
BUILD = "import json, sys; from sphinx.cmd.build import main; sys.exit(max(main(run) for run in json.loads(sys.argv[1])))"
STOCK, OURS = "myst_parser,sphinxcontrib.bibtex", "myst_parser,sphinxcontrib.bibtex,bibindex"
WORKS = """\
@article{ada, author={Lovelace, Ada}, title={Notes on {Engines}}, journal={Memoirs}, year={1843}}
@inproceedings{two, author={{Müller}, Jörg and de la Cruz, Ana}, title={Two \\& More}, booktitle={Some}, year={2017},
  doi={10.1000/a_b}}
@misc{many, author={A, A and B, B and C, C}, title={Many}, year={2017}, url={https://example.org/a_b}}
@misc{alike, author={A, A and B, B and C, C}, title={Alike}, year={2017}, eprint={1701.00001}}
@article{broken, author={Nobody, N}, title={No journal}, year={2000}}
@misc{unread, title={Never cited}, year={1999}}
"""
PAGES = {
    "index": "# Book\n\n```{toctree}\na\nb\nc\nbib\nlists\n```\n",
    "a": "# A {cite:t}`two`\n\n{cite:p}`ada, many{p. 3}`, {cite:p}`{see}two{Table 1}`, {cite}`absent`, {any}`ada`, {any}`no`\n",
    "b": "# B\n\n{cite:t}`many,two`, {cite:ps}`alike`, {cite:year}`ada`, {cite:p}`broken`, {footcite}`ada`.\n\n"
    "```{footbibliography}\n```\n\n{cite:p}`x-ada` {cite:empty}`many`\n",
    "c": "# C\n\n{cite:p}`ada` {cite:label}`two`\n\n```{bibliography}\n:filter: docname in docnames\n:style: alpha\n"
    ":labelprefix: C\n```\n",
    "bib": "# Bib\n\n```{bibliography}\n```\n\n```{bibliography}\n:filter: nonsense ( \n:keyprefix: x-\n:style: unsrt\n```\n",
    "lists": "# Lists\n\n```{bibliography}\n:list: enumerated\n:filter: author % 'A' and not cited\nada\n```\n\n"
    "```{bibliography}\n:list: bullet\n:all:\n```\n\n```{bibliography}\n:list: bullet\n:filter: year > '2' and year + 1\n```\n",
    "alone": "---\norphan: true\n---\n# Alone\n\n{cite:p}`many`\n",
}
CONF = """\
project = "Book"
bibtex_bibfiles = ["works.bib"]
bibtex_reference_style = "author_year"
bibtex_default_style = "plain"
html_theme = "basic"
latex_documents = [("index", "book.tex", "Book", "Nobody", "manual")]
"""


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "source"
    folder.mkdir()
    (folder / "conf.py").write_text(CONF, encoding="utf-8")
    (folder / "works.bib").write_text(WORKS, encoding="utf-8")
    for name, text in PAGES.items():
        (folder / f"{name}.md").write_text(text, encoding="utf-8")
    return folder


def build(source: Path, name: str, extensions: str, builders=("html",), *options: str) -> tuple[dict[str, bytes], str]:
    """The files written, by path, and what was said."""
    out = source.parent / name
    known = ["-q", f"-Dextensions={extensions}", *options, "-d", str(out / "doctrees"), str(source)]
    runs = [["-b", builder, *known, str(out / builder)] for builder in builders]
    environment = os.environ | {"PYTHONPATH": str(EXT), "SOURCE_DATE_EPOCH": "0"}
    command = [sys.executable, "-c", BUILD, repr(runs).replace("'", '"')]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    paths = [path for builder in builders for path in (out / builder).rglob("*") if path.is_file()]
    said = re.sub("0x[0-9a-f]+", "0x", done.stderr)  # a warning of the stock extension shows an address in memory
    return {str(path.relative_to(out)): path.read_bytes() for path in sorted(paths)}, said


def environment_of(source: Path, name: str) -> Path:
    return source.parent / name / "doctrees" / "environment.pickle"


def change_cache(path: Path, change) -> None:
    with path.open("rb") as file:
        env = pickle.load(file)
    data = env.domaindata["cite"]
    data["formatted"] = change(data["formatted"])
    with path.open("wb") as file:
        pickle.dump(env, file)


def test_output_is_that_of_the_stock_extension(source):
    builders = ("html", "latex", "text")
    stock, said = build(source, "stock", STOCK, builders)
    ours, ours_said = build(source, "ours", OURS, builders)
    assert ours.keys() == stock.keys()
    assert [path for path in stock if ours[path] != stock[path]] == []
    assert ours_said == said
    for expected in ("absent", "missing journal", "filter", "duplicate"):
        assert expected in said, f"the project does not provoke the warning about {expected!r}"
    again, _ = build(source, "ours", OURS, builders, "-a")
    assert again == ours


def test_parallel_output_is_the_same(source):
    for number in range(6):  # Sphinx reads fewer pages in one process
        (source / f"more{number}.md").write_text(f"---\norphan: true\n---\n# {number}\n\n{{cite:p}}`ada,two`\n", encoding="utf-8")
    assert build(source, "two", OURS, ("html",), "-j2")[0] == build(source, "one", STOCK)[0]


def test_formatted_entries_are_kept_until_the_entry_changes(source, monkeypatch):
    monkeypatch.syspath_prepend(EXT)
    first, _ = build(source, "ours", OURS)
    change_cache(environment_of(source, "ours"), lambda kept: dict.fromkeys(kept, Text("from the cache")))
    cached, _ = build(source, "ours", OURS, ("html",), "-a")
    assert b"from the cache" in cached["html/bib.html"]
    assert b"Memoirs" in first["html/bib.html"]
    assert b"Memoirs" not in cached["html/bib.html"]
    (source / "works.bib").write_text(WORKS.replace("Memoirs", "Newer Memoirs"), encoding="utf-8")
    edited, _ = build(source, "ours", OURS, ("html",), "-a")
    assert b"Newer Memoirs" in edited["html/bib.html"]
    assert b"from the cache" in edited["html/bib.html"]  # the entries that did not change


@pytest.mark.parametrize("unfit", [lambda kept: "not a cache", lambda kept: dict.fromkeys(kept, 7), lambda kept: {1: 2}])
def test_unfit_cache_is_ignored(source, monkeypatch, unfit):
    monkeypatch.syspath_prepend(EXT)
    first, said = build(source, "ours", OURS)
    change_cache(environment_of(source, "ours"), unfit)
    again, _ = build(source, "ours", OURS, ("html",), "-a")
    assert again == first
    assert "missing journal" in said
