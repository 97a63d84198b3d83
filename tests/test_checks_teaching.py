"""Each rule of teaching finds its mistake, at its line, and nothing in a chapter without it."""

import shutil
from pathlib import Path

import pytest

from tools import checks, pages
from tools.load import load

FIXTURES = Path(__file__).parent / "fixtures"
CHAPTER = "docs/reward-learning/human-feedback.md"
NAMES = "docs/exercises/human-feedback/{}.md".format
EQUATIONS, QUIZ = "docs/data/equations/human-feedback.yaml", "docs/data/quizzes/human-feedback.yaml"
HEAD = """---
title: Human Feedback
topics: [human-feedback]
objectives: [Derive it, Check it, Build it]
prerequisites: []
level: introductory
lab: none
---
"""
BODY = """
As {cite:p}`christiano2017deep{Section 2.2}` report, $\\policy$ gains 3.5 points. {cite:t}`christiano2017deep` compare segments.
We add 2 and 3. In 2017 the work of {cite:t}`christiano2017deep` on GPT-2 began, with a step of {worked}`human-feedback.half`.

$$
a = 1
$$ (eq-one)

```{math}
:label: eq-two
b = 2
```

```{exercises} human-feedback
```

```{quiz} human-feedback
```
"""
EXERCISE = """---
title: One
objective: 1
depth: check
minutes: 5
---
Compute $1 + 1$ for {worked}`human-feedback.half`.

## Hint

Count: $1$ and one more.

## Solution

$$1 + 1 = 2.25$$

**Marking:** (1) the sum.
"""
ONE = """- id: eq-one
  says: one is one
  test: tests/equations/test_one.py::test_one
  code: docs/labs/one.py::one
  worked: human-feedback.half
  mutant: {file: docs/labs/one.py, was: "return 1", becomes: "return 2"}
- id: eq-two
  reason: definition
"""


def question(number, place=0, calculation="true", longest=False):
    right = f"  - text: right{' and long enough' * longest}\n    right: true\n    why: So it is.\n"
    wrong = [f"  - text: wrong number {n}\n    misconception: confusion {n}\n    why: It is not.\n" for n in range(3)]
    options = "".join([*wrong[:place], right, *wrong[place:]])
    head = f"- id: q{number}\n  objective: {number % 3 + 1}\n  kind: single\n  question: Which of $x$?\n"
    return f"{head}  calculation: {calculation}\n  options:\n{options}"


def quiz(*places, **options):
    return "".join(question(n, place, **options) for n, place in enumerate(places))


EVEN = quiz(0, 1, 2, 3, 0, 1, 2, 3)
GOOD = {
    CHAPTER: HEAD + BODY,
    EQUATIONS: ONE,
    QUIZ: EVEN,
    "docs/labs/one.py": "def one():\n    return 1\n",
    "docs/labs/worked/human_feedback.py": "def half():\n    return 0.5\n",
    "tests/equations/test_one.py": "def test_one():\n    pass\n",
    "docs/reward-learning/preference-based-rl.md": HEAD.replace("Human Feedback", "Preference-Based RL").replace(
        "lab: none", "lab: none\nstatus: outline"
    ),
}
for _number, _depth in enumerate(["check", "derive", "build", "check", "derive", "build"]):
    _text = EXERCISE.replace("depth: check", f"depth: {_depth}").replace("objective: 1", f"objective: {_number % 3 + 1}")
    GOOD[NAMES(f"0{_number + 1}-one")] = _text
CODE = {f"docs/exercises/human-feedback/03-one{kind}.py": "" for kind in ("", "_check", "_reference", "_other")}
CODE |= {f"docs/exercises/human-feedback/03-one_wrong{n}.py": "# fails: it\n" for n in (1, 2, 3)}


def changed(name, was, becomes):
    assert was in GOOD[name]
    return {name: GOOD[name].replace(was, becomes, 1)}


FIRST = NAMES("01-one")
OBJECTIVES = {NAMES(f"0{n}-one"): GOOD[NAMES(f"0{n}-one")].replace("objective: 2", "objective: 1") for n in (2, 5)}
BUILDS = {NAMES(f"0{n}-one"): GOOD[NAMES(f"0{n}-one")].replace("depth: build", "depth: check") for n in (3, 6)}
# code -> (files that differ from the good chapter, what is found: file, line, words of the message)
BAD = {
    "EXER001": [(changed(FIRST, "## Hint", "## A hint"), FIRST, 1, "needs front matter")],
    "EXER002": [
        (changed(FIRST, "depth: check", "depth: deep"), FIRST, 4, "depth must be"),
        (changed(FIRST, "minutes: 5\n", ""), FIRST, 2, "minutes is missing"),
    ],
    "EXER003": [
        (changed(FIRST, "objective: 1", "objective: 4"), FIRST, 3, "has 3 objectives"),
        ({"docs/exercises/nothing/01-a.md": EXERCISE}, "docs/exercises/nothing/01-a.md", 0, "nothing is no chapter"),
    ],
    "EXER004": [
        (OBJECTIVES, CHAPTER, 4, "examines objective 2"),
        ({NAMES("06-one"): None}, CHAPTER, 0, "has 5 exercises"),
        (BUILDS, CHAPTER, 0, "no exercise of depth build"),
        (changed(CHAPTER, "{exercises}", "{note}"), CHAPTER, 0, "does not show its exercises"),
    ],
    "EXER005": [
        (changed(FIRST, "Count: $1$", "It is 2.25, as $1$"), FIRST, 9, "the answer 2.25"),
        (changed(FIRST, "Count: $1$", "Write $1+1 = 2.25$"), FIRST, 9, "the answer 1+1=2.25"),
        (
            {FIRST: EXERCISE.replace("Count:", "{worked}`a.b`").replace("**Marking", "{worked}`a.b`\n\n**Marking")},
            FIRST,
            9,
            "{worked}`a.b`",
        ),
    ],
    "EXER006": [
        (changed(NAMES("02-one"), "**Marking:**", "Marking"), NAMES("02-one"), 13, "a derivation ends with"),
        (CODE | {"docs/exercises/human-feedback/03-one_other.py": None}, NAMES("03-one"), 0, "03-one_other.py is missing"),
        (
            CODE | {"docs/exercises/human-feedback/03-one_wrong2.py": "x = 1\n"},
            "docs/exercises/human-feedback/03-one_wrong2.py",
            1,
            "# fails: PROPERTY",
        ),
    ],
    "QUIZ001": [
        ({QUIZ: quiz(0, 1, 2, 3)}, CHAPTER, 0, "has 4 quiz questions"),
        ({QUIZ: quiz(0, 1, 2, 3, 0, calculation="false")}, CHAPTER, 0, "two of five"),
        (changed(QUIZ, "objective: 1", "objective: 5"), QUIZ, 2, "has 3 objectives"),
        (changed(CHAPTER, "{quiz}", "{note}"), CHAPTER, 0, "does not show its quiz"),
    ],
    "QUIZ002": [
        (changed(QUIZ, "text: wrong number 2", "text: All of the above"), QUIZ, 16, "speaks of the others"),
        (changed(QUIZ, "text: wrong number 2", "text: Wrong  number 1"), QUIZ, 16, "stands twice"),
    ],
    "QUIZ003": [
        ({QUIZ: quiz(0, 0, 0, 0, 1, 1, 2, 3)}, "docs/data/quizzes", 0, "place 1 in 50%"),
        ({QUIZ: quiz(0, 1, 2, 3, 0, 1, 2, 3, longest=True)}, "docs/data/quizzes", 0, "the longest in 100%"),
    ],
    "EQUA001": [
        ({EQUATIONS: ONE.replace("- id: eq-two\n  reason: definition\n", "")}, CHAPTER, 18, "eq-two has neither"),
        ({EQUATIONS: ONE + "- id: eq-three\n  reason: notation\n"}, EQUATIONS, 9, "no page has the equation eq-three"),
    ],
    "EQUA002": [
        (changed(EQUATIONS, "::test_one", "::test_two"), EQUATIONS, 3, "no function test_two"),
        (changed(EQUATIONS, "one.py::one", "one.py::two"), EQUATIONS, 4, "no function two"),
        (changed(EQUATIONS, "feedback.half", "feedback.third"), EQUATIONS, 5, "no function third"),
        (changed(EQUATIONS, '"return 1"', '"return 3"'), EQUATIONS, 6, "stands 0 times"),
        (changed(EQUATIONS, '"return 1"', '"n"'), EQUATIONS, 6, "stands 2 times"),
    ],
    "NOTE003": [(changed(CHAPTER, "$\\policy$", "it"), "docs/data/notation.yaml", 1, "no formula uses \\policy")],
    "CITE004": [
        (changed(CHAPTER, "{Section 2.2}", ""), CHAPTER, 10, "'3.5' is measured"),
        (changed(CHAPTER, "compare segments.", "compare 700 segments."), CHAPTER, 10, "'700' is measured"),
        (changed(CHAPTER, "compare segments.", "do better than the rest."), CHAPTER, 10, "'better than' is"),
        (changed(CHAPTER, "We add 2 and 3. In 2017", "They gain 40 %, as"), CHAPTER, 11, "'40"),
    ],
}
CASES = [pytest.param(code, *case, id=f"{code}-{n}") for code, cases in BAD.items() for n, case in enumerate(cases)]


@pytest.fixture
def book(tmp_path: Path) -> Path:
    shutil.copytree(FIXTURES / "good", tmp_path, dirs_exist_ok=True)
    change(tmp_path, GOOD)
    return tmp_path


def change(book, files):
    for name, text in files.items():
        path = book / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if text is None:
            path.unlink(missing_ok=True)
        else:
            path.write_text(text, "utf-8")


def found(book):
    catalog, problems = load(book)
    assert not problems
    all_pages, more = pages.load(book)
    assert not more
    return checks.run("teaching", book, catalog, all_pages)


def test_a_good_chapter_has_no_problem(book):
    assert found(book) == []
    change(book, CODE)
    assert found(book) == []


def test_an_outline_needs_nothing_yet(book):
    change(book, {name: None for name in GOOD if "exercises" in name or "data" in name})
    change(book, {CHAPTER: HEAD.replace("lab: none", "lab: none\nstatus: outline")})
    assert found(book) == []


@pytest.mark.parametrize("code, files, name, line, words", CASES)
def test_a_mistake_is_found_where_it_is(book, code, files, name, line, words):
    change(book, files)
    hits = found(book)
    assert [(hit.path, hit.line) for hit in hits if hit.code == code and words in hit.message] == [(name, line)], hits


@pytest.mark.parametrize(
    "was, becomes, said",
    [
        ("    right: true\n    why: So it is.\n", "    why: So it is.\n", "names its misconception"),
        ("misconception: confusion 0\n", "right: true\n", "exactly one right option"),
        ("    why: So it is.\n", "", "why is missing"),
        ("kind: single", "kind: numeric", "numeric needs answer"),
        ("kind: single", "kind: numeric\n  answer: 0.12345\n  tolerance: 0.00001\n  why: x", "numeric needs answer"),
    ],
)
def test_questions_are_whole(book, was, becomes, said):
    change(book, changed(QUIZ, was, becomes))
    assert [problem for problem in load(book)[1] if said in problem.message and problem.path == QUIZ]


@pytest.mark.parametrize(
    "answer, tolerance, mistake, said",
    [
        ("0.12345", "0.00001", "1", "rejects the answer rounded to three digits"),
        ("0.125", "0.1", "0.2", "accepts the mistake 0.2"),
        ("-1234.5", "1", "1234.5", "rejects the answer"),
        ("0.125", "0.0005", "0.875", ""),
        ("0", "0.01", "1", ""),
    ],
)
def test_tolerances_accept_rounding_and_reject_mistakes(book, answer, tolerance, mistake, said):
    text = (
        f"- id: n\n  objective: 1\n  kind: numeric\n  question: q\n  answer: '{answer}'\n  tolerance: '{tolerance}'\n  why: w\n"
    )
    change(book, {QUIZ: f"{text}  mistakes:\n  - value: '{mistake}'\n    misconception: m\n    why: w\n"})
    problems = [problem.message for problem in load(book)[1]]
    assert bool(problems) == bool(said)
    assert not said or said in problems[0]


@pytest.mark.parametrize(
    "was, becomes, said",
    [
        ("  test: tests/equations/test_one.py::test_one\n", "", "needs a test and a mutant"),
        ("reason: definition", "says: it", "needs a test and a mutant"),
        ("  says: one is one\n", "", "needs says"),
        ('becomes: "return 2"', 'becomes: "return 1"', "are the same"),
        ("::test_one", "", "is not a test such as"),
        ("id: eq-one", "id: one", "is not the label of an equation"),
    ],
)
def test_equations_are_whole(book, was, becomes, said):
    change(book, changed(EQUATIONS, was, becomes))
    assert [problem for problem in load(book)[1] if said in problem.message and problem.path == EQUATIONS]
