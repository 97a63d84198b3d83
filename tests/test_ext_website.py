"""Beside the pages: where to report an error, the feed, stubs of moved pages, llms.txt; what lacks its address is left out."""

import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

ROOT = Path(__file__).parent.parent
ATOM = "{http://www.w3.org/2005/Atom}"
CONF = """
project, author, release = "Toy & book", "The contributors", "0.1"
extensions = ["myst_parser", "website"]
html_theme, html_baseurl, templates_path = "furo", {base!r}, [{templates!r}]
exclude_patterns = ["data/**"]
"""
BOOK = "title: Toy\nauthor: [{literal: The contributors}]\nedition: '0.1'\nissued: 2026-01-01\n"
ERRATA = """- id: sign
  edition: '0.1'
  date: 2026-03-04
  page: part/new
  was: a < b
  now: a > b
"""
pytestmark = pytest.mark.book


def build(folder: Path, base: str = "", repository: str = "", moved: str = "") -> tuple[int, str]:
    """Build a book of two pages; the exit status and what was said."""
    docs = folder / "docs"
    (docs / "data").mkdir(parents=True)
    (docs / "part").mkdir()
    (docs / "conf.py").write_text(CONF.format(base=base, templates=str(ROOT / "docs/_templates")))
    (docs / "index.md").write_text("# Toy\n\n```{toctree}\n:caption: Part one\n\npart/new\n```\n")
    (docs / "part" / "new.md").write_text("# New place\n\nWords.\n")
    (docs / "data" / "book.yaml").write_text(BOOK + (f"repository-url: {repository}\n" if repository else ""))
    (docs / "data" / "errata.yaml").write_text(ERRATA)
    if moved:
        (docs / "data" / "moved.yaml").write_text(moved)
    (folder / "CHANGELOG.md").write_text(
        "# Changelog\n\n## 0.2 (2026-05-01)\n\n- More & better.\n\n## 0.1 (2026-01-01)\n\n- First.\n"
    )
    path = os.pathsep.join([str(ROOT / "docs/_ext"), str(ROOT)])
    command = [sys.executable, "-m", "sphinx", "-n", "-W", "-q", str(docs), str(folder / "html")]
    done = subprocess.run(command, env=os.environ | {"PYTHONPATH": path}, capture_output=True, text=True, timeout=120)
    return done.returncode, done.stdout + done.stderr


@pytest.fixture(scope="module")
def full(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("full")
    moved = "part/old: part/new\n"
    assert build(folder, "https://book.example/en/", "https://github.com/someone/book", moved) == (0, "")
    return folder / "html"


def test_an_error_is_reported_with_its_place(full):
    link = re.search(r'<a class="report-error" href="([^"]+)"', (full / "part/new.html").read_text("utf-8"))[1]
    address = urlsplit(link.replace("&amp;", "&"))
    assert (address.netloc, address.path) == ("github.com", "/someone/book/issues/new")
    assert "Page: part/new\n" in parse_qs(address.query)["body"][0]


def test_the_feed_has_editions_and_errata_newest_first(full):
    feed = ET.parse(full / "feed.xml").getroot()
    entries = feed.findall(f"{ATOM}entry")
    assert [entry.find(f"{ATOM}title").text for entry in entries] == ["Edition 0.2", "Erratum: part/new", "Edition 0.1"]
    assert entries[1].find(f"{ATOM}content").text == "Was: a < b Now: a > b"
    assert feed.find(f"{ATOM}updated").text == "2026-05-01T00:00:00Z"
    assert 'href="https://book.example/en/feed.xml"' in (full / "index.html").read_text("utf-8")


def test_a_moved_page_leads_on_without_script(full):
    page = (full / "part/old.html").read_text("utf-8")
    assert '<meta http-equiv="refresh" content="0; url=new.html">' in page
    assert '<a href="new.html">New place</a>' in page


def test_a_stub_must_lead_to_a_page(tmp_path):
    status, said = build(tmp_path, moved="part/old: part/nowhere\n")
    assert status != 0
    assert "part/nowhere must be a page" in said


def test_llms_txt_names_each_page_by_part(full):
    lines = (full / "llms.txt").read_text("utf-8").splitlines()
    assert lines[:5] == ["# Toy & book", "", "## Part one", "", "- [New place](https://book.example/en/part/new.html)"]


def test_without_addresses_nothing_is_promised(tmp_path):
    assert build(tmp_path) == (0, "")
    assert not (tmp_path / "html/feed.xml").exists()
    page = (tmp_path / "html/part/new.html").read_text("utf-8")
    assert "report-error" not in page and "feed.xml" not in page
    assert "Edition 0.1" in page
