"""What the data hold comes out as the same visible text, whatever it is, in every format that the press writes."""

import csv as reader
import io
import json
import re
import unicodedata
from urllib.parse import unquote

import pytest
from docutils import nodes
from docutils.core import publish_doctree
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from myst_parser.parsers.docutils_ import Parser
from pybtex.database import parse_string

from tools.models import Paper
from tools.render import bibtex, csl, csv, myst

EXTENSIONS = ["attrs_block", "attrs_inline", "colon_fence", "deflist", "dollarmath", "amsmath", "fieldlist"]
INVISIBLE = ("Cc", "Cf", "Co", "Cn", "Cs")
BITS = [
    "`", "``", "```", "*", "**", "_", "__", "{", "}", "{cite:p}", "{math}", "[", "]", "](", "(", ")", "(a)=", "<", ">", "<b>",
    "<!--", "<script>", "<https://a.b>", "$", "$$", "\\", "\\(", "\\begin{a}", "#", "# ", "+", "+++", "- ", "-", "---", "1. ",
    "2) ", "12.", "!", "!?", "|", "|-|", "~", "~~~", ":", ":::", ": ", ":a: ", "::", "%", "% ", "&", "&amp;", "&#35;", "&x", "^",
    "[^1]", "=", "===", "@", "'", '"', ".", ",", ";", "/", "https://a.b/c_d", "www.a.b", "a", "b_c", "7", " ", "  ", "\n", "\n\n",
    "\n- ", "\u00a0", "\u2028", "é", "ß", "漢", "🙂", "{{x}}", "--", "...",
]  # fmt: skip
FAST = settings(max_examples=100, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))


def allowed(text):
    """Text as the data can hold it (see `tools.fields.visible`)."""
    text = unicodedata.normalize("NFC", "".join(c for c in text if c == "\n" or unicodedata.category(c) not in INVISIBLE))
    return text.strip()


ANY = st.one_of(st.lists(st.sampled_from(BITS), max_size=12).map("".join), st.text(max_size=20)).map(allowed).filter(bool)
PLAIN = ANY.map(lambda text: re.sub(r"[$\\{}`\n\u2028<]", "", text).strip()).filter(bool)


def parsed(source):
    overrides = {"myst_enable_extensions": EXTENSIONS, "report_level": 5, "halt_level": 6}
    return publish_doctree(source, parser=Parser(), settings_overrides=overrides)


def one_line(text):
    return re.sub(r"\s*[\n\u2028\u2029]\s*", " ", text)


@FAST
@given(ANY)
def test_text_stays_text(value):
    document = parsed(myst.text(value))
    assert document.astext() == one_line(value)
    assert [type(node) for node in document.findall()] == [nodes.document, nodes.paragraph, nodes.Text]


@FAST
@given(ANY, ANY)
def test_cells_and_captions_of_tables(value, caption):
    document = parsed(myst.list_table(caption, [("header-rows", "1")], [["A", "B"], [myst.text(value), myst.text(caption)]]))
    cells = list(document.findall(nodes.entry))
    assert [cell.astext() for cell in cells] == ["A", "B", one_line(value), one_line(caption)]
    assert [title.astext() for title in document.findall(nodes.title)] == [one_line(caption)]
    assert all([type(node) for node in cell.findall()] == [nodes.entry, nodes.paragraph, nodes.Text] for cell in cells)


@FAST
@given(ANY, st.from_regex(r"https://[a-z.]{3,8}/[!#-;=?-\[\]_a-z~]{0,20}", fullmatch=True))
def test_links_keep_text_and_address(value, address):
    document = parsed(f"- {myst.link(value, address)}.")
    (link,) = document.findall(nodes.reference)
    assert link.astext() == one_line(value)
    assert document.astext() == one_line(value) + "."
    assert unquote(link["refuri"]) == unquote(address)


@pytest.mark.parametrize("address", ["https://a.b/x&copy;y", "https://a.b/(x)", "https://a.b/)(", "https://a.b/*x*_y_`z`"])
def test_links_to_odd_addresses(address):
    (link,) = parsed(myst.link("x", address)).findall(nodes.reference)
    assert link["refuri"].replace("%60", "`").replace("%C2%A9", "&copy;") == address


@FAST
@given(st.text("`ab \\{}", min_size=1).filter(lambda text: text.strip() and "``" not in text))
def test_code_stays_code(value):
    (code,) = parsed(f"x {myst.code(value)}").findall(nodes.literal)
    assert code.astext() == value


def test_plain_words_are_not_cluttered():
    for text in ("REINFORCE++ (2025): 5-10 % of a_b.c, v1.2", "Is it really RL?", "x > y, a + b = c", "Q&A"):
        assert myst.text(text) == text


@FAST
@given(st.lists(st.lists(st.text(st.characters(codec="utf-8")), min_size=2, max_size=3), min_size=1, max_size=4))
def test_csv_comes_back(rows):
    made = csv.rows(["a", "b"], rows)
    back = list(reader.reader(io.StringIO(made, newline="")))
    assert back == [["a", "b"], *([csv.guard(cell) for cell in row] for row in rows)]
    assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r")) for row in back for cell in row)
    assert made.endswith("\r\n")


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_formulas_are_text(cell):
    assert csv.guard(cell) == f"'{cell}"


def test_other_cells_are_untouched():
    assert [csv.guard(cell) for cell in ("a=b", "", " =1", "'=", "1-2")] == ["a=b", "", " =1", "'=", "1-2"]


def paper(title, family, given_name, publisher):
    return Paper.model_validate(
        {
            "id": "a2020b",
            "type": "report",
            "title": title,
            "author": [{"family": family, "given": given_name}, {"literal": publisher}],
            "issued": "2020",
            "publisher": publisher,
            "URL": "https://a.b/_%25",
            "custom": {"topics": ["t"], "sources": ["https://a.b/"], "checked": "2026-01-01"},
        }
    )


def untex(text):
    """The letters that TeX prints."""
    words = {r"\textbackslash{}": "\\", r"\textasciicircum{}": "^", r"\textasciitilde{}": "~"}
    return re.sub(r"\\text[a-z]+\{\}|\\(.)|[{}]", lambda found: words.get(found[0], found[1] or ""), text)


def squeezed(text):
    return " ".join(text.split())  # BibTeX takes any white space for one space


@FAST
@given(PLAIN, PLAIN, PLAIN, PLAIN)
def test_bibtex_comes_back(title, family, given_name, publisher):
    data = parse_string(bibtex.bibliography([paper(title, family, given_name, publisher)]), "bibtex")
    entry = data.entries["a2020b"]
    assert untex(entry.fields["title"]) == squeezed(title)
    assert untex(entry.fields["institution"]) == squeezed(publisher)
    assert entry.fields["url"] == "https://a.b/_%25"
    assert len(entry.persons["author"]) == 2


@FAST
@given(PLAIN, PLAIN, PLAIN, PLAIN)
def test_csl_comes_back(title, family, given_name, publisher):
    (item,) = json.loads(csl.bibliography([paper(title, family, given_name, publisher)]))
    assert (item["title"], item["publisher"]) == (title, publisher)
    assert item["author"] == [{"family": family, "given": given_name}, {"literal": publisher}]
