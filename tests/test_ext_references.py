"""Citations read as author-year, and each page ends with what it cites, in every format."""

import os
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest
from pybtex.database import parse_string

pytestmark = pytest.mark.book  # they run Sphinx

EXT = Path(__file__).parents[1] / "docs" / "_ext"
CONF = """\
extensions = ["myst_parser", "references"]
project = "Book"
bibtex_bibfiles = ["works.bib"]
bibtex_default_style = bibtex_reference_style = "book"
bibtex_tooltips = False
html_theme = "basic"
version = copyright = "1"
latex_documents = [("index", "book.tex", "Book", "Nobody", "manual")]
"""
WORKS = """\
@misc{ppo, author={Schulman, John and Wolski, Filip and Dhariwal, Prafulla}, title={PPO Algorithms}, year={2017},
  eprint={1707.06347}, url={https://arxiv.org/abs/1707.06347}}
@inproceedings{soft, author={Schulman, John and Chen, Xi and Abbeel, Pieter}, title={Soft {Q}}, booktitle={Some Proceedings},
  year={2017}, doi={10.1000/a_b}}
@misc{body, author={{DeepSeek-AI}}, title={R1: 50% \\& More}, year={2025}, url={https://example.org/r1}}
@article{retrace, author={Çelik, Jörg and van Hasselt, Hado}, title={Safe}, journal={Journal}, volume={3}, number={1},
  pages={1--20}, year={2016}}
@misc{unread, author={Nobody, Nina}, title={Never Cited}, year={2020}}
"""
ONE = """\
# One

PPO {cite:p}`ppo` and {cite:t}`soft{Section 4.1}`; {cite:p}`{see}ppo{Table 3, p. 4}, retrace`.

## More on {cite:t}`body`

{cite:t}`body`, {cite:ps}`ppo`, {cite:author}`retrace` {cite:year}`retrace`.
"""
TWO = """\
# Two

## Idea

A {cite:p}`body`.

```{chapter-references}
```

## Exercises

B {cite:p}`ppo`.
"""
PAGES = {
    "index": "# Book\n\n```{toctree}\none\ntwo\nthree\nbib\n```\n",
    "one": ONE,
    "two": TWO,
    "three": "# Three\n\nNothing.\n\n```{chapter-references}\n```\n",
    "bib": "# Bibliography\n\n```{bibliography}\n```\n",
}
TEXT_ONE = """\
PPO (Schulman et al. 2017b) and Schulman et al. (2017a, Section 4.1); (Çelik and van Hasselt 2016; see Schulman et al. 2017b,
Table 3, p. 4). More on DeepSeek-AI (2025) DeepSeek-AI (2025), (Schulman, Wolski and Dhariwal 2017b),
Çelik and van Hasselt 2016.
References
* Çelik, Jörg, and Hado van Hasselt (2016). Safe. *Journal*, 3(1):1–20. Cited: 1, 2, 3.
* DeepSeek-AI (2025). R1: 50% & More. URL: https://example.org/r1. Cited: 1.
* Schulman, John, Xi Chen, and Pieter Abbeel (2017a). Soft Q. In *Some Proceedings*. doi:10.1000/a_b. Cited: 1.
* Schulman, John, Filip Wolski, and Prafulla Dhariwal (2017b). PPO Algorithms. arXiv:1707.06347. Cited: 1, 2, 3."""
TEXT_BIB = """\
* Çelik, Jörg, and Hado van Hasselt (2016). Safe. *Journal*, 3(1):1–20. Cited in: One.
* DeepSeek-AI (2025). R1: 50% & More. URL: https://example.org/r1. Cited in: One, Two.
* Schulman, John, Xi Chen, and Pieter Abbeel (2017a). Soft Q. In *Some Proceedings*. doi:10.1000/a_b. Cited in: One.
* Schulman, John, Filip Wolski, and Prafulla Dhariwal (2017b). PPO Algorithms. arXiv:1707.06347. Cited in: One, Two."""


def write(folder: Path, pages: dict[str, str], works: str = WORKS) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "conf.py").write_text(CONF, encoding="utf-8")
    (folder / "works.bib").write_text(works, encoding="utf-8")
    for name, text in pages.items():
        (folder / f"{name}.md").write_text(text, encoding="utf-8")
    return folder


def build(source: Path, builder: str, out: Path, *options: str) -> dict[str, str]:
    """What is written, by name; any warning is an error."""
    command = [sys.executable, "-m", "sphinx", "-q", "-n", "-W", "-b", builder, "-d", f"{out}-doctrees", *options]
    environment = os.environ | {"PYTHONPATH": str(EXT), "SOURCE_DATE_EPOCH": "0"}
    done = subprocess.run([*command, source, out], env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    kinds = {".html", ".xhtml", ".txt", ".tex", ".js"}
    return {path.name: path.read_text("utf-8") for path in sorted(out.rglob("*")) if path.suffix in kinds}


@pytest.fixture(scope="module")
def book(tmp_path_factory) -> dict[str, dict[str, str]]:
    folder = tmp_path_factory.mktemp("book")
    source = write(folder / "source", PAGES)
    return {builder: build(source, builder, folder / builder) for builder in ("html", "text", "latex", "epub")}


class Page(HTMLParser):
    def __init__(self, text: str):
        super().__init__()
        self.ids, self.links, self.tags, self.inside = [], [], [], False
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        known = dict(attrs)
        self.tags.append((tag, known))
        if "id" in known:
            self.ids.append(known["id"])
        if tag == "a":
            self.links.append([known.get("href", ""), ""])
            self.inside = True

    def handle_endtag(self, tag):
        self.inside = self.inside and tag != "a"

    def handle_data(self, data):
        if self.inside:
            self.links[-1][1] += data


def words(text: str) -> str:
    return " ".join(re.sub(r"(?m)^[=*-]{3,}$|^\* {3}|^ {2}", "", text.replace("/\n", "/")).split())


def test_text(book):
    assert words(TEXT_ONE) in words(book["text"]["one.txt"])
    assert words(TEXT_BIB) == words(book["text"]["bib.txt"]).removeprefix("Bibliography ")
    assert "Never Cited" not in "".join(book["text"].values())


def test_list_stands_where_the_author_put_it_and_only_where_something_is_cited(book):
    headings = re.findall(r"<h(\d)>(\w+)", body(book["html"]["two.html"]))
    assert headings == [("1", "Two"), ("2", "Idea"), ("2", "References"), ("2", "Exercises")]
    assert "References" not in book["text"]["three.txt"] + book["text"]["bib.txt"]
    assert book["html"]["index.html"].count("#references") == 2  # in the table of contents of One and Two


@pytest.mark.parametrize("builder, suffix", [("html", ".html"), ("epub", ".xhtml")])
def test_links_lead_to_the_own_page_and_back(book, builder, suffix):
    pages = {name: Page(text) for name, text in book[builder].items() if name.endswith(suffix)}
    for name, page in pages.items():
        assert len(page.ids) == len(set(page.ids)), f"{name} has an id twice"
        inner = [href[1:] for href, _ in page.links if href.startswith("#") and len(href) > 1]
        assert set(inner) <= set(page.ids), f"{name} has a dead link"
    one = pages["one" + suffix]
    lists = [known["id"] for tag, known in one.tags if tag == "li" and known.get("id", "").startswith("ref-")]
    assert lists == ["ref-retrace", "ref-body", "ref-soft", "ref-ppo"]
    back = [link for link in one.links if link[0].startswith("#cite-ppo")]
    assert back == [[f"#cite-ppo-{n}", f"Back to citation {n} of Schulman et al. 2017b"] for n in (1, 2, 3)]
    assert ["#ref-soft", "Schulman et al. (2017a, Section 4.1)"] in one.links
    assert pages["bib" + suffix].links.count(["two" + suffix, "Two"]) >= 2
    roles = {known["role"] for page in pages.values() for _, known in page.tags if "role" in known}
    assert not any(role.startswith("doc-bib") for role in roles)
    assert "https://doi.org/10.1000/a_b" in [href for href, _ in one.links]


def test_latex_labels(book):
    tex = book["latex"]["book.tex"]
    labels = re.findall(r"\\label\{\\detokenize\{(.*?)\}\}", tex)
    links = re.findall(r"\\hyperref\[\\detokenize\{(.*?)\}\]", tex)
    assert set(links) <= set(labels)
    assert {"one:ref-ppo", "two:ref-ppo", "one:cite-ppo-3", "one::doc"} <= set(links)
    assert "bib:ref-ppo" in labels
    assert len(labels) == len(set(labels))
    assert len([label for label in labels if "ref-" in label]) == 10
    assert len([label for label in labels if "cite-" in label]) == 10  # one of 11 is in a heading
    assert "bibitem" not in tex
    assert "hyperlink" not in tex


def test_parallel_build_is_the_same(book, tmp_path):
    more = {f"more{n}": f"---\norphan: true\n---\n# {n}\n\n{{cite:p}}`ppo,body`\n" for n in range(6)}
    source = write(tmp_path / "source", PAGES | more)  # Sphinx reads fewer pages in one process
    assert build(source, "html", tmp_path / "two", "-j2") == build(source, "html", tmp_path / "one", "-j1")


@pytest.mark.parametrize(
    "page, old, new, work, renewed",
    [
        ("three", "Nothing.", "Now {cite:p}`soft`.", "", {"three.html": "Soft", "bib.html": ">Three<"}),
        ("two", "# Two", "# Second", "", {"bib.html": "Second"}),
        ("one", "{cite:t}`soft{Section 4.1}`", "nothing", "", {"two.html": "Schulman et al. 2017<"}),
        ("", "R1: 50%", "R1: 60%", "body", {"one.html": "60%", "two.html": "60%", "bib.html": "60%"}),
    ],
    ids=["new citation", "new title", "citation gone, letter gone", "new data"],
)
def test_incremental_build_is_a_fresh_build(tmp_path, page, old, new, work, renewed):
    source = write(tmp_path / "source", PAGES)
    before = build(source, "html", tmp_path / "kept")
    changed = source / (f"{page}.md" if page else "works.bib")
    text = changed.read_text("utf-8")
    assert old in text
    changed.write_text(text.replace(old, new, 1), encoding="utf-8")
    kept = build(source, "html", tmp_path / "kept")
    for name, expected in renewed.items():
        assert expected in body(kept[name])
        assert expected not in body(before[name])
    fresh = build(source, "html", tmp_path / "fresh")
    assert {name: body(kept[f"{name}.html"]) for name in PAGES} == {name: body(fresh[f"{name}.html"]) for name in PAGES}


def body(page: str) -> str:
    """The page without its frame: Sphinx itself leaves the neighbours' titles there as they were."""
    return page.partition('<div class="body" role="main">')[2].partition('<div class="clearer">')[0]


def style(works: str):
    import citestyle

    made = citestyle.Style()
    entries = made.sort(parse_string(works, "bibtex").entries.values())
    return list(made.format_entries(entries))


def test_labels_and_order(monkeypatch):
    works = "".join(f"@misc{{k{n}, author={{Lee, A and B, B and C, C}}, title={{T{n:02}}}, year={{2024}}}}" for n in range(28))
    assert [entry.label[-2:] for entry in style(works)] == [f"4{letter}" for letter in "abcdefghijklmnopqrstuvwxyz"] + [
        "aa",
        "ab",
    ]
    authors = ["{OpenAI}", "Öz, A", "van Hasselt, H", "{de Vries}, B", "Oates, C", "Zhou, D"]
    works = "".join(f"@misc{{k{n}, author={{{who}}}, title={{T}}, year={{2024}}}}" for n, who in enumerate(authors))
    labels = [entry.label.removesuffix(" 2024") for entry in style(works + "@misc{k9, title={Much Ado}}")]
    assert labels == ["de Vries", "Much Ado n.d.", "Oates", "OpenAI", "Öz", "van Hasselt", "Zhou"]


def test_many_authors_and_percent_signs():
    names = " and ".join(f"{letter}, X" for letter in "ABCDEFGHIJKL")
    long = f"@misc{{long, author={{{names}}}, title={{A 5% or 6\\% Gain}}, year={{2024}}}}"
    short = f"@misc{{short, author={{{names[:-9]}}}, title={{T}}, year={{2024}}}}"
    texts = [str(entry.text).replace("<nbsp>", " ") for entry in style(long + short)]
    assert texts[0].endswith("X I, X J, and X K (2024a).<newblock>T.")
    assert texts[1].endswith("X I, X J, and 2 others (2024b).<newblock>A 5% or 6% Gain.")
