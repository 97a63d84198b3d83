"""Each check finds its mistake, at its line, and nothing on a page without it; each code is explained and has a case."""

import shutil
from pathlib import Path

import pytest

from tools import checks, cli, pages
from tools.load import load

FIXTURES = Path(__file__).parent / "fixtures"
HEAD = """---
title: Human Feedback
topics: [human-feedback]
objectives: [Derive it, Check it, Build it]
prerequisites: []
level: introductory
lab: none
---
"""
OTHER = HEAD.replace("Human Feedback", "Preference-Based RL").replace("[human-feedback]", "[preference-based-rl]")
FENCE = "```"

# code -> (pages that differ from the good book, what is found: page, line, words of the message)
HF, PB = "reward-learning/human-feedback.md", "reward-learning/preference-based-rl.md"
BAD = {
    "PAGE001": [({HF: "# No front matter\n"}, HF, 1, "no front matter")],
    "PAGE002": [({HF: HEAD.replace("lab: none", "lab: none\nlevels: x")}, HF, 8, "levels is no field")],
    "PAGE003": [
        ({HF: HEAD.replace("lab: none\n", "")}, HF, 1, "lacks lab"),
        ({HF: HEAD.replace(", Check it, Build it", "")}, HF, 4, "has 1 objectives"),
    ],
    "PAGE004": [
        ({HF: HEAD.replace("Human Feedback", "Feedback")}, HF, 2, "title must be 'Human Feedback'"),
        ({HF: HEAD.replace("introductory", "easy")}, HF, 6, "level must be one of"),
        ({HF: HEAD.replace("lab: none", "lab: none\nstatus: draft")}, HF, 8, "status must be outline"),
        ({HF: HEAD.replace("[human-feedback]", "[feedback]")}, HF, 3, "feedback is no topic"),
        ({HF: HEAD.replace("[human-feedback]", "[[human-feedback]]")}, HF, 3, "topics must be a list of words"),
        ({HF: HEAD.replace("prerequisites: []", "prerequisites: a/b")}, HF, 5, "prerequisites must be a list of words"),
        ({HF: HEAD.replace("lab: none", "lab: [none]")}, HF, 7, "lab must be text"),
    ],
    "PAGE005": [
        ({HF: HEAD.replace("prerequisites: []", "prerequisites: [a/b]")}, HF, 5, "a/b is no page"),
    ],
    "PAGE006": [({PB: None}, PB, 0, "is missing")],
    "CITE001": [
        ({HF: HEAD + "\nAs {cite:t}`nobody2020nothing` showed.\n"}, HF, 10, "nobody2020nothing is no paper"),
        ({HF: HEAD + "\nSee {cite:p}`christiano2017deep, b2020b` for it.\n"}, HF, 10, "b2020b"),
        (
            {HF: HEAD + "\nSee {cite:p}`{see}b2020b{Table 3, p. 4}` and {cite:t}`christiano2017deep{Section 4.1}`.\n"},
            HF,
            10,
            "b2020b is",
        ),
        ({HF: HEAD + "\nOver two {cite:p}`christiano2017deep,\nb2020b` lines.\n"}, HF, 10, "b2020b"),
        ({HF: HEAD + f"\n{FENCE}{{figure}} a.svg\n:alt: x\n\nAs {{cite:t}}`b2020b` say.\n{FENCE}\n"}, HF, 13, "b2020b"),
        ({HF: HEAD + f"\n- {FENCE}python\n  x\n  {FENCE}\n\nThen {{cite:t}}`b2020b` say.\n"}, HF, 14, "b2020b"),
        ({HF: HEAD + "\n````{note}\nA note.\n````\n\nThen {cite:t}`b2020b` say.\n\n````{note}\nB.\n````\n"}, HF, 14, "b2020b"),
        ({HF: HEAD + "\n```{include} a\n```\n\nThen {cite:t}`b2020b` say.\n\n```{include} b\n```\n"}, HF, 13, "b2020b"),
        ({HF: HEAD + "\n```x``` is code.\n\nThen {cite:t}`b2020b` say.\n"}, HF, 12, "b2020b"),
        ({HF: HEAD + "\n```{note}\nIn a note {cite:t}`b2020b` says so.\n```\n"}, HF, 11, "b2020b"),
    ],
    "CITE002": [({"../references.bib": "\n@misc{b2020b,\n}\n"}, "references.bib", 2, "b2020b is cited nowhere")],
    "CITE003": [
        ({HF: HEAD + "\n- {cite:t}`christiano2017deep`\n"}, HF, 10, "without a sentence"),
        ({HF: HEAD + "\nThis they show:\n\n- {cite:t}`christiano2017deep`\n- They say so.\n"}, HF, 12, "without a sentence"),
        ({HF: HEAD + "\n{cite:t}`christiano2017deep` and\n{cite:t}`wirth2017survey`\n"}, HF, 10, "without a sentence"),
    ],
    "NOTE001": [
        ({HF: HEAD + "\nThe policy $\\policies$.\n"}, HF, 10, "\\policies is neither"),
        ({HF: HEAD + "\nSo $a +\n\\oops$.\n"}, HF, 11, "\\oops"),
        ({HF: HEAD + "\n$$\nx\n= \\oops\n$$ (eq-x)\n"}, HF, 12, "\\oops"),
        ({HF: HEAD + f"\n{FENCE}{{math}}\n:label: eq-x\n\\oops\n{FENCE}\n"}, HF, 12, "\\oops"),
    ],
    "LINK001": [({HF: HEAD + "\n[The other](preference.md) one.\n"}, HF, 10, "preference.md does not exist")],
    "LINK002": [
        ({HF: HEAD + "\n[The part](#nowhere) is far.\n"}, HF, 10, "#nowhere"),
        ({HF: HEAD + "\n[It](preference-based-rl.md#nowhere) is far.\n"}, HF, 10, "#nowhere"),
        ({HF: HEAD + "\nSee {eq}`eq-nowhere`.\n"}, HF, 10, "eq-nowhere"),
    ],
    "LINK003": [({HF: HEAD + "\n(one)=\n## A\n", PB: OTHER + "\n(one)=\n## B\n"}, PB, 10, "stands at docs/" + HF + ":10 too")],
    "A11Y001": [
        ({HF: HEAD + "\n## A\n\n#### B\n"}, HF, 12, "level 4 after level 2"),
        ({HF: HEAD + "\n### A\n"}, HF, 10, "level 3 after level 1"),
        ({HF: HEAD + "\n# A\n"}, HF, 10, "second title"),
        ({HF: HEAD + "\nA title\n===\n"}, HF, 10, "underlined"),
    ],
    "A11Y002": [
        ({HF: HEAD + "\n![](a.svg)\n"}, HF, 10, "without alt"),
        ({HF: HEAD + '\n<img src="a.svg">\n'}, HF, 10, "<img>"),
        ({HF: HEAD + f"\n{FENCE}{{figure}} a.svg\nCaption\n{FENCE}\n"}, HF, 10, "without :alt:"),
    ],
    "A11Y003": [({HF: HEAD + "\nRead [here](preference-based-rl.md).\n"}, HF, 10, "'here' says nothing")],
    "PROSE001": [
        ({HF: HEAD + "\nWe delve into it.\n"}, HF, 10, "'delve'"),
        ({HF: HEAD + "\nA **crucial** step.\n"}, HF, 10, "'crucial'"),
    ],
    "PROSE002": [({HF: HEAD + "\nTODO: more.\n"}, HF, 10, "'TODO'")],
}
# What looks like a mistake and is none.
GOOD = f"""
(label)=
## A section

As {{cite:t}}`christiano2017deep` showed, $\\policy$ and $\\frac{{1}}{{2}}$ cost $5 or 6$ dollars; `TODO` and `# not a heading`.
See [the other chapter](preference-based-rl.md#in-the-other) and {{eq}}`eq-one`.

$$
\\policy = 1
$$ (eq-one)

{FENCE}python
# a comment, not a heading
crucial = "{{cite:t}}`x2020y`"  # TODO [here](nowhere.md) $\\oops$
{FENCE}

:::{{note}}
A note with [a link to the section](#label) and {{cite:p}}`christiano2017deep`, which compared segments.
:::

### A subsection

{FENCE}{{figure}} a.svg
:alt: A line that rises.

Caption.
{FENCE}

![A line that falls](a.svg)

<!-- TODO {{cite:t}}`x2020y`
# not a heading -->
% TODO a comment

10. In a list:

    {FENCE}python
    # TODO {{cite:t}}`x2020y`
    {FENCE}

As {{cite:p}}`{{see}}christiano2017deep{{Section 4.1, p. 3}}, wirth2017survey` say, *The Crucial Title* is one.
"""


@pytest.fixture
def book(tmp_path: Path) -> Path:
    shutil.copytree(FIXTURES / "good", tmp_path, dirs_exist_ok=True)
    change(tmp_path, {HF: HEAD + GOOD, PB: OTHER + "\n(in-the-other)=\n## In the other\n"})
    return tmp_path


def change(book: Path, files: dict[str, str | None]) -> None:
    for name, text in files.items():
        path = book / "docs" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if text is None:
            path.unlink()
        else:
            path.write_text(text, "utf-8")


def found(book: Path) -> list:
    catalog, problems = load(book)
    all_pages, more = pages.load(book)
    assert not problems
    return sorted(
        more + [problem for name in checks.CHECKS if name != "teaching" for problem in checks.run(name, book, catalog, all_pages)]
    )


def test_a_good_page_has_no_problem(book):
    assert found(book) == []


CASES = [pytest.param(code, *case, id=f"{code}-{n}") for code, cases in BAD.items() for n, case in enumerate(cases)]


@pytest.mark.parametrize("code, files, page, line, words", CASES)
def test_a_mistake_is_found_where_it_is(book, code, files, page, line, words):
    change(book, {HF: HEAD, PB: OTHER} | files)
    name = page if page.endswith(".bib") else f"docs/{page}"
    hits = [problem for problem in found(book) if problem.code == code]
    assert [(hit.path, hit.line) for hit in hits if words in hit.message] == [(name, line)], found(book)


def test_chapters_that_need_one_another_are_all_named(book):
    needs = "prerequisites: [reward-learning/{}]".format
    one = HEAD.replace("prerequisites: []", needs("preference-based-rl"))
    other = OTHER.replace("prerequisites: []", needs("human-feedback"))
    change(book, {HF: one, PB: other})
    assert [(hit.path, hit.code) for hit in found(book)] == [(f"docs/{HF}", "PAGE005"), (f"docs/{PB}", "PAGE005")]


@pytest.mark.parametrize(
    "change_of_registry, words",
    [
        (("tex: \\pi_{\\theta}", "tex: \\pie"), "unknown pie"),
        (("macro: \\policy", "macro: \\pi"), "TeX's own"),
        (("tex: \\pi", "arguments: 1\n  tex: \\pi"), "each of its 1 arguments"),
        (
            ("- id: policy", "- id: p2\n  macro: \\policy\n  tex: x\n  meaning: m\n  topic: human-feedback\n- id: policy"),
            "twice",
        ),
    ],
)
def test_the_registry_is_checked(book, change_of_registry, words):
    path = book / "docs/data/notation.yaml"
    path.write_text(path.read_text().replace(*change_of_registry))
    assert [problem.code for problem in found(book) if words in problem.message] in (["NOTE002"], ["NOTE002"] * 2)


def test_every_code_is_explained_and_has_a_case():
    """A code that the press can print is explained by a docstring, and some test shows it."""
    codes = {code for path in (cli.ROOT / "tools").rglob("*.py") for code in cli.CODE_USED.findall(path.read_text("utf-8"))}
    assert codes == set(cli.explanations())
    shown = "".join(path.read_text("utf-8") for path in Path(__file__).parent.rglob("*") if path.suffix in (".py", ".yaml"))
    assert [code for code in sorted(codes) if code not in shown] == []


def test_the_command_line(book, capsys):
    change(book, {HF: HEAD + "\nTODO.\n", PB: OTHER})
    assert cli.main(["--root", str(book), "check", "prose"]) == 1
    assert capsys.readouterr().out == f"docs/{HF}:10: PROSE002 'TODO' marks unfinished work\n"
    assert cli.main(["--root", str(book), "check", "links"]) == 0
    assert cli.main(["--root", str(book), "check", "nothing"]) == 2
    assert cli.main(["explain", "DATA011"]) == 0
    assert capsys.readouterr().out.endswith("DATA011: a field stands twice in one map. Keep one.\n")
    assert cli.main(["explain", "DATA999"]) == 2
