"""Reading lists, the catalogue, corrections, glossary and notation."""

import json
import re
from dataclasses import replace
from pathlib import Path
from urllib.parse import unquote

import pytest

from tools.load import load
from tools.models import Entry, Erratum, Symbol, Term
from tools.render import csl, lists, myst, notices, tables
from tools.source import parse

ROOT = Path(__file__).parent.parent
GOOD = ROOT / "tests" / "fixtures" / "good"


@pytest.fixture(scope="module")
def catalog():
    return load(GOOD)[0]


def with_papers(catalog, *changes):
    first = catalog.papers["christiano2017deep"]
    papers = [first.model_copy(update=change) for change in changes]
    for paper in papers:
        vars(paper).pop("first_seen", None)  # a copy takes what was computed along
    return replace(catalog, papers={paper.id: paper for paper in papers})


def test_an_entry_of_a_reading_list(catalog):
    made = dict(lists.reading_lists(catalog))
    assert list(made) == ["human-feedback", "preference-based-rl"]
    assert made["human-feedback"].endswith(
        "- [Deep Reinforcement Learning from Human Preferences](https://arxiv.org/abs/1706.03741). "
        "[Christiano and Leike 2017](#paper-christiano2017deep); NeurIPS. Code: [example/dpo](https://github.com/example/dpo).\n"
    )


def test_a_preprint_is_called_so_and_a_note_ends_with_a_stop(catalog):
    changed = with_papers(catalog, {"type": "article", "container_title": None, "note": "What it found", "title": "Really?"})
    made = dict(lists.reading_lists(changed))["human-feedback"]
    assert "[Really?](https://arxiv.org/abs/1706.03741) [Christiano" in made
    assert "; preprint. What it found. Code" in made


def test_a_work_has_the_year_that_the_text_cites_and_says_when_it_was_first_seen(catalog):
    made = dict(lists.reading_lists(with_papers(catalog, {"issued": "2019"})))["human-feedback"]
    assert "[Christiano and Leike 2019](#paper-christiano2017deep); NeurIPS, first seen in 2017." in made


def numbered(catalog, years):
    base = catalog.papers["christiano2017deep"]
    custom = base.custom.model_copy(update={"arxiv": None})
    return with_papers(
        catalog, *({"id": f"a{9999 - year}n{n}", "issued": str(year), "custom": custom} for n, year in enumerate(years))
    )


def test_long_lists_are_parted_by_period_oldest_first(catalog):
    years = [2026, 2025, 2024, 2023, 2022, 2020, 2019, 2017, 2016, 2001, 2026, 2026, 2026]
    made = dict(lists.reading_lists(numbered(catalog, years)))["human-feedback"]
    titles = ["Before 2017", "2017 to 2019", "2020 to 2022", "2023 to 2024", "2025 and later"]
    assert re.findall(r"\{rubric\} (.*)\n:heading-level: 3\n", made) == titles
    assert re.findall(r"et al\. (\d+)|and Leike (\d+)", made) == [("", str(year)) for year in sorted(years)]
    assert "rubric" not in dict(lists.reading_lists(numbered(catalog, years[:12])))["human-feedback"]


@pytest.mark.parametrize(
    "year, title",
    [
        ("1992", "Before 2017"),
        ("2016", "Before 2017"),
        ("2017", "2017 to 2019"),
        ("2019", "2017 to 2019"),
        ("2025", "2025 and later"),
    ],
)
def test_periods(year, title):
    assert lists.period(year) == title


@pytest.mark.parametrize(
    "place, markup",
    [
        ("one/list:a/README.md", "[one/list](https://github.com/one/list/blob/HEAD/a/README.md)"),
        ("one/list", "[one/list](https://github.com/one/list)"),
        ("one/list a/b.md (id, title)", "[one/list](https://github.com/one/list)"),
        ("one/list:a/*.md", "[one/list](https://github.com/one/list)"),
        ("one/list:LICENSE", "[one/list](https://github.com/one/list/blob/HEAD/LICENSE)"),
        ("one/list:a/b.md (id, title)", "[one/list](https://github.com/one/list/blob/HEAD/a/b.md)"),
        ("one/list:a/b.md, line 7", "[one/list](https://github.com/one/list/blob/HEAD/a/b.md)"),
        ("one/list:a/b.md, c.md", "[one/list](https://github.com/one/list/blob/HEAD/a/b.md)"),
        ("one/list:a b/c (d).md lines 3 to 7", "[one/list](https://github.com/one/list/blob/HEAD/a%20b/c%20%28d%29.md)"),
        ("one/list:R (2.0), v1.5.md (id, title)", "[one/list](https://github.com/one/list/blob/HEAD/R%20%282.0%29%2C%20v1.5.md)"),
        ("one/list:a/12 (id, title)", "[one/list](https://github.com/one/list/blob/HEAD/a/12)"),
        ("one/list:README(sort by time).md", "[one/list](https://github.com/one/list/blob/HEAD/README%28sort%20by%20time%29.md)"),
        ("one/list:From $r$ to #Q?.md", "[one/list](https://github.com/one/list/blob/HEAD/From%20%24r%24%20to%20%23Q%3F.md)"),
        ("https://www.arxiv.org/abs/1", "[arxiv.org](https://www.arxiv.org/abs/1)"),
        ("text of the list", "text of the list"),
    ],
)
def test_sources_are_linked_where_they_can_be(place, markup):
    assert lists.source(place).markup == markup


def test_every_source_of_the_book_is_linked_with_its_whole_path():
    """A remark follows the path behind a space and a parenthesis; no source of the data has another."""
    listed = [ROOT / "docs/data/source_list.yaml", *sorted((ROOT / "docs/data").glob("papers/*.yaml"))]
    pages = [ROOT / "docs/data" / f"{name}.yaml" for name in ("courses", "environments", "benchmarks")]
    places = set().union(*(_sources(parse(path.read_bytes(), path.name)[0].value) for path in [*listed, *pages]))
    files = [place for place in places if not place.startswith("http") and ":" in place]
    assert len(files) > 500 and any(" " in place for place in files)
    for place in files:
        (address,) = re.findall(r"\]\((\S+)\)$", lists.source(place).markup)
        repository, path = re.sub(r" \([^()]*\)$", "", place).split(":", 1)
        assert unquote(address) == f"https://github.com/{repository}/blob/HEAD/{path}"


def _sources(value) -> set[str]:
    if isinstance(value, list):
        return set().union(*map(_sources, value))
    if not isinstance(value, dict):
        return set()
    own = {place for field in ("sources", "venue-sources") for place in value.get(field, [])}
    return own.union(*map(_sources, value.values()))


def test_remarks_on_licences_are_marked_as_such(catalog):
    course = next(one for one in catalog.courses.values() if one.custom.kind != "workshop")
    custom = course.custom.model_copy(update={"license": "MIT (*code*), CC-BY-4.0 (text)", "materials": ("code",)})
    changed = replace(catalog, courses={course.id: course.model_copy(update={"custom": custom})})
    table = next(one for one in lists.all_tables(changed) if one.name == "courses")
    (cell,) = [one for one in table.rows[0] if "MIT" in one.plain]
    assert cell.plain == "code; MIT (*code*), CC-BY-4.0 (text)"
    assert cell.markup == "code; MIT [\\(\\*code\\*)]{.remark}, CC-BY-4.0 [\\(text)]{.remark}"


@pytest.mark.parametrize(
    "successor, shown", [("after", "successor: [After](https://example.org/after)"), ("nosuchthing", "successor: nosuchthing")]
)
def test_a_successor_is_named_and_linked_where_it_is_known(catalog, successor, shown):
    one = next(iter(catalog.environments.values()))
    old = one.model_copy(update={"custom": one.custom.model_copy(update={"successor": successor})})
    new = one.model_copy(update={"id": "after", "title": "After", "url": "https://example.org/after"})
    made = lists.environments(replace(catalog, environments={old.id: old, new.id: new}))
    assert any(cell.markup.endswith(shown) for cell in made.rows[0])


def test_what_is_empty_says_so_in_one_way(catalog):
    bare = replace(catalog, source_list={}, terms={}, symbols={})
    made = {page(bare) for page in (notices.corrections, notices.glossary, notices.notation)}
    assert made == {f"{myst.HEADER}\n{tables.EMPTY}"}


def test_a_record_of_the_catalogue(catalog):
    cells = {row[0].plain: row for row in lists.catalogue(catalog).rows}["Deep Reinforcement Learning from Human Preferences"]
    assert cells[0].markup.endswith("]{#paper-christiano2017deep}")
    assert [cell.plain for cell in cells[1:4]] == ["Christiano and Leike", "2017-06", "NeurIPS"]
    assert cells[4].plain == "Human Feedback, Preference-Based RL"
    assert cells[5].markup == "[arXiv:1706.03741](https://arxiv.org/abs/1706.03741)"
    assert cells[6].plain == "2026-11-22: one/list, another/list"


def test_csl_json_has_the_names_and_dates_that_programs_expect(catalog):
    items = {item["id"]: item for item in json.loads(csl.bibliography(catalog.papers.values()))}
    item = items["christiano2017deep"]
    assert item["type"] == "paper-conference"
    assert item["author"][0] == {"family": "Christiano", "given": "Paul F."}
    assert item["issued"] == {"date-parts": [[2017]]}
    assert item["container-title"] == "Advances in Neural Information Processing Systems"
    assert item["URL"] == "https://arxiv.org/abs/1706.03741"
    assert "custom" not in item and "DOI" not in item
    dated = catalog.papers["christiano2017deep"].model_copy(update={"issued": "2017-06-02"})
    assert csl.item(dated)["issued"] == {"date-parts": [[2017, 6, 2]]}


def entry(**given):
    base = {
        "id": "survey-1",
        "section": "Papers / Survey",
        "kind": "paper",
        "listed": {"title": "A *Survey*", "date": "10 Dec 2023", "URL": "https://arxiv.org/abs/2312.04567"},
        "verdict": "not-found",
        "note": "A note.",
        "sources": ["one/list:README.md"],
        "checked": "2026-11-22",
    }
    return Entry.model_validate(base | given)


def corrections(catalog, *entries):
    return notices.corrections(replace(catalog, source_list={one.id: one for one in entries}))


def test_a_correction_says_what_was_listed_found_and_cited(catalog):
    made = corrections(
        catalog,
        entry(
            found={"title": "Scaling", "author": ["Lijie Fan"], "date": "2023-12-07"},
            cite=["wirth2017survey"],
            see=["example/dpo"],
        ),
    )
    for words in (
        "Entries of the source list: 1. Not found: 1.",
        "{rubric} Papers / Survey\n:heading-level: 2\n",
        "[**A \\*Survey\\***]{#listed-survey-1} (paper): not found\n: Listed: 10 Dec 2023; [https://arxiv.org/abs/2312.04567]",
        ": The link leads to: *Scaling* (Lijie Fan, 2023-12-07).",
        "\n: A note.\n",
        ": This book cites: {cite:t}`wirth2017survey`.",
        ": See: [DPO](https://github.com/example/dpo).",
        ": Checked 2026-11-22 against [one/list](https://github.com/one/list/blob/HEAD/README.md).",
    ):
        assert words in made


def test_an_unidentified_link_is_unknown_and_a_correct_one_needs_no_finding(catalog):
    assert ": The link leads to: not identified." in corrections(catalog, entry())
    assert ": Listed: 10 Dec 2023; `https://arxiv.org/abs/2312.04567`\n" in corrections(catalog, entry())
    assert "The link leads to" not in corrections(catalog, entry(verdict="correct"))


def test_every_verdict_has_its_words():
    assert set(Entry.model_fields["verdict"].annotation.__args__) == set(notices.VERDICTS)


def test_errata_newest_first(catalog):
    made = [
        Erratum.model_validate({"id": f"e{n}", "edition": "1", "date": f"2026-0{n}-01", "page": "p", "was": f"w{n}", "now": "n"})
        for n in (1, 3, 2)
    ]
    text = notices.errata(replace(catalog, errata={one.id: one for one in made}))
    assert re.findall(r"- w(\d)", text) == ["3", "2", "1"]


def test_glossary_terms_with_their_other_names(catalog):
    terms = [
        Term.model_validate({"id": "b", "term": "b : c", "also": ["beta"], "meaning": "One.\nTwo.", "topic": "human-feedback"}),
        Term.model_validate({"id": "a", "term": "A", "meaning": "Zero.", "topic": "human-feedback"}),
    ]
    assert notices.glossary(replace(catalog, terms={one.id: one for one in terms})).split("\n\n", 1)[1] == (
        "::::{glossary}\n"
        "A\n  Zero. See [Human Feedback](/reward-learning/human-feedback.md).\n\n"
        "b \\: c\nbeta\n  One. Two. See [Human Feedback](/reward-learning/human-feedback.md).\n"
        "::::\n"
    )


def test_notation_shows_the_symbol_and_how_to_write_it(catalog):
    symbols = [
        Symbol.model_validate({"id": "p", "macro": "\\pol", "tex": "\\pi", "meaning": "policy", "topic": "human-feedback"}),
        Symbol.model_validate(
            {
                "id": "e",
                "macro": "\\E",
                "arguments": 1,
                "tex": "E_{#1}",
                "show": "\\E{x}",
                "meaning": "mean",
                "topic": "human-feedback",
            }
        ),
    ]
    made = notices.notation(replace(catalog, symbols={one.id: one for one in symbols}))
    assert "* - {math}`\\E{x}`\n  - mean\n  - `\\E{…}`\n" in made
    assert "* - {math}`\\pol`\n  - policy\n  - `\\pol`\n" in made
