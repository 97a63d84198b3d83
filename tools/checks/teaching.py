"""What a written chapter teaches with: exercises, quiz, equations that tests hold, claims with their place in the source."""

import ast
import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

from tools.catalog import Catalog
from tools.checks.frontmatter import CATALOGUE_PARTS
from tools.checks.notation import formulas
from tools.exercises import Exercise, of
from tools.lessons import Question
from tools.pages import Page
from tools.problem import Problem

DEPTHS = ("check", "derive", "build")
LEAST = {"exercises": 6, "questions": 5}
BANK = 8  # from so many questions on, their order says something
CODE_FILES = ("check", "reference", "other", "wrong1", "wrong2", "wrong3")
LABELLED = re.compile(
    r"\$\$[ \t]*\(([\w:-]+)\)|\{math\}[^\n]*\n(?:[ \t]*:[a-z-]+:[^\n]*\n)*?[ \t]*:label:[ \t]*(\S+)|\\label\{([^}]+)\}"
)


def written(catalog: Catalog, pages: list[Page]) -> Iterator[tuple[str, Page]]:
    """(slug, page) of each chapter that teaches and is written."""
    names = {f"{topic.part}/{topic.id}": topic.id for topic in catalog.vocabulary.topics if topic.part not in CATALOGUE_PARTS}
    for page in pages:
        if page.docname in names and page.meta.get("status") != "outline":
            yield names[page.docname], page


def exercises(pages: list[Page], chapter: str = "") -> list[Exercise]:
    """The exercises without problems, of one chapter or of all."""
    found = (one for one in of(pages) if isinstance(one, Exercise))
    return [one for one in found if chapter in ("", one.chapter)]


def questions(catalog: Catalog, chapter: str = "") -> Iterator[tuple[str, Question]]:
    """(id, question) of one chapter or of all."""
    for key, question in catalog.questions.items():
        if chapter in ("", Path(catalog.at("questions", key)[0]).stem):
            yield key, question


def _objectives(page: Page) -> int:
    listed = page.meta.get("objectives")
    return len(listed) if isinstance(listed, list) else 0


def exercises_are_whole(root: Path, catalog: Catalog, pages: list[Page]) -> Iterator[Problem]:
    """EXER003: an exercise examines an objective that its chapter does not have, or belongs to no chapter."""
    yield from (one for one in of(pages) if isinstance(one, Problem))
    objectives = {page.docname.split("/")[-1]: _objectives(page) for page in pages}
    for one in exercises(pages):
        if one.chapter not in catalog.topics:
            yield Problem(one.page.name, 0, "EXER003", f"{one.chapter} is no chapter")
        elif one.head.objective > objectives.get(one.chapter, 0):
            line = one.page.front.line(("objective",))
            yield Problem(one.page.name, line, "EXER003", f"the chapter has {objectives.get(one.chapter, 0)} objectives")


def every_objective_is_examined(root: Path, catalog: Catalog, pages: list[Page]) -> Iterator[Problem]:
    """EXER004: a written chapter lacks exercises: six, one for each objective, each of the depths check, derive, build, shown."""
    for chapter, page in written(catalog, pages):
        found = exercises(pages, chapter)
        wanted = {n: f"no exercise examines objective {n}" for n in range(1, _objectives(page) + 1)}
        for n, what in wanted.items():
            if all(one.head.objective != n for one in found):
                yield Problem(page.name, page.front.line(("objectives", n - 1)), "EXER004", what)
        if len(found) < LEAST["exercises"]:
            yield Problem(page.name, 0, "EXER004", f"has {len(found)} exercises; {LEAST['exercises']} are the least")
        for depth in DEPTHS:
            if all(one.head.depth != depth for one in found):
                yield Problem(page.name, 0, "EXER004", f"has no exercise of depth {depth}")
        if not re.search(rf"\{{exercises\}} *{chapter}\s*$", page.text, re.M):
            yield Problem(page.name, 0, "EXER004", f"does not show its exercises: ```{{exercises}} {chapter}")


def hints_keep_the_answer(root: Path, catalog: Catalog, pages: list[Page]) -> Iterator[Problem]:
    """EXER005: a hint gives the answer away: the last formula of the solution, its last number, or a number it works out."""
    for one in exercises(pages):
        for answer in sorted(_answers(one)):
            if answer in _squeezed(one.hint) and answer not in _squeezed(one.statement):
                yield Problem(one.page.name, one.line("Hint"), "EXER005", f"the hint contains the answer {answer}")


def _answers(one: Exercise) -> set[str]:
    solution = one.solution.partition("**Marking")[0]
    found = {_squeezed(role) for role in re.findall(r"\{worked\}`[^`]+`", solution)}
    tex = [next(filter(None, parts)) for parts in re.findall(r"\$\$(.+?)\$\$|(?<![\\$])\$([^$\n]+?)\$", solution, re.S)]
    if tex:
        last = _squeezed(re.sub(r"[.,;]\s*$", "", tex[-1].strip()))
        value = last.rpartition("=")[2]
        found |= {part for part in (last, value) if len(part) > 2 or re.fullmatch(r"-?\d{2,}", part)}
    return found


def _squeezed(text: str) -> str:
    return re.sub(r"\s+|[{}](?=\d)|(?<=\d)[{}]", "", text)


def code_exercises_are_complete(root: Path, catalog: Catalog, pages: list[Page]) -> Iterator[Problem]:
    """EXER006: an exercise in code lacks a file (check, two right and three wrong solutions), or a derivation its marking."""
    for one in exercises(pages):
        if one.head.depth == "derive" and "**Marking:**" not in one.solution:
            yield Problem(one.page.name, one.line("Solution"), "EXER006", "a derivation ends with **Marking:** and its points")
        if not one.file(root).exists() and not one.file(root, "check").exists():
            continue
        for kind in ("", *CODE_FILES):
            path = one.file(root, kind)
            if not path.exists():
                yield Problem(one.page.name, 0, "EXER006", f"{path.name} is missing")
            elif kind.startswith("wrong") and not path.read_text("utf-8").startswith("# fails: "):
                yield Problem(path.relative_to(root).as_posix(), 1, "EXER006", "begins with # fails: PROPERTY")


def quizzes_examine_the_chapter(root: Path, catalog: Catalog, pages: list[Page]) -> Iterator[Problem]:
    """QUIZ001: a written chapter lacks questions (five; two of five need calculation), or one asks for no objective of it."""
    for chapter, page in written(catalog, pages):
        found = list(questions(catalog, chapter))
        if len(found) < LEAST["questions"]:
            yield Problem(page.name, 0, "QUIZ001", f"has {len(found)} quiz questions; {LEAST['questions']} are the least")
        if sum(one.calculation for _, one in found) * 5 < 2 * len(found):
            yield Problem(page.name, 0, "QUIZ001", "fewer than two of five questions need calculation or transfer")
        for key, one in found:
            if one.objective > _objectives(page):
                where = catalog.at("questions", key, ("objective",))
                yield Problem(*where, "QUIZ001", f"{key}: the chapter has {_objectives(page)} objectives")
        if found and not re.search(rf"\{{quiz\}} *{chapter}\s*$", page.text, re.M):
            yield Problem(page.name, 0, "QUIZ001", f"does not show its quiz: ```{{quiz}} {chapter}")


def options_stand_alone(root: Path, catalog: Catalog, pages: list[Page]) -> Iterator[Problem]:
    """QUIZ002: an option speaks of the others ("all of the above"), or stands twice. Options are read in any order."""
    for key, one in questions(catalog):
        texts = [" ".join(option.text.casefold().split()) for option in one.options]
        for n, text in enumerate(texts):
            place = ("options", n)
            if re.search(r"\b(all|none|both|neither) of (the )?(above|below|these|them|options)\b", text):
                yield Problem(*catalog.at("questions", key, place), "QUIZ002", f"{key}: option {n + 1} speaks of the others")
            if text in texts[:n]:
                yield Problem(*catalog.at("questions", key, place), "QUIZ002", f"{key}: option {n + 1} stands twice")


def keys_are_spread(root: Path, catalog: Catalog, pages: list[Page]) -> Iterator[Problem]:
    """QUIZ003: over all quizzes the right option stands at some place, or is the longest, more than 10 points off chance."""
    found = [one for _, one in questions(catalog) if one.kind == "single"]
    if len(found) < BANK:
        return
    name = "docs/data/quizzes"
    for place in range(max(len(one.options) for one in found)):
        chance = sum(1 / len(one.options) for one in found if place < len(one.options)) / len(found)
        share = sum(place < len(one.options) and one.options[place].right for one in found) / len(found)
        if abs(share - chance) > 0.1:
            what = (
                f"the right option stands at place {place + 1} in {share:.0%} of {len(found)} questions; chance is {chance:.0%}"
            )
            yield Problem(name, 0, "QUIZ003", what)
    chance = sum(1 / len(one.options) for one in found) / len(found)
    share = sum(_longest(one) for one in found) / len(found)
    if share > chance + 0.1:
        what = f"the right option is the longest in {share:.0%} of {len(found)} questions; chance is {chance:.0%}"
        yield Problem(name, 0, "QUIZ003", what)


def _longest(one: Question) -> bool:
    right = max(len(option.text) for option in one.options if option.right)
    return all(len(option.text) < right for option in one.options if not option.right)


def labels_of_equations(page: Page) -> Iterator[tuple[int, str]]:
    """(line, label) of each labelled equation."""
    shown = {line for line, _ in page.lines()}
    for found in LABELLED.finditer(page.text):
        line = page.text.count("\n", 0, found.end()) + 1
        if line in shown or found[2]:
            yield line, next(filter(None, found.groups()))


def equations_are_known(root: Path, catalog: Catalog, pages: list[Page]) -> Iterator[Problem]:
    """EQUA001: a labelled equation has no entry in docs/data/equations, neither test nor reason; or an entry no equation."""
    labels: set[str] = set()
    for page in pages:
        for line, label in labels_of_equations(page):
            labels.add(label)
            if not catalog.knows("equations", label):
                yield Problem(page.name, line, "EQUA001", f"{label} has neither a test nor a reason in docs/data/equations")
    for key in catalog.equations:
        if key not in labels:
            yield Problem(*catalog.at("equations", key), "EQUA001", f"no page has the equation {key}")


def proofs_exist(root: Path, catalog: Catalog, pages: list[Page]) -> Iterator[Problem]:
    """EQUA002: the test, code or worked number of an equation does not exist, or its mutant's text does not stand just once."""
    names = _function_reader(root)
    for key, one in catalog.equations.items():
        chapter, _, name = (one.worked or "").partition(".")
        worked = f"docs/labs/worked/{chapter.replace('-', '_')}.py::{name}" if one.worked else None
        for field, target in (("test", one.test), ("code", one.code), ("worked", worked)):
            path, _, function = (target or "").partition("::")
            if target and function not in names(path):
                yield Problem(*catalog.at("equations", key, (field,)), "EQUA002", f"{key}: {path} has no function {function}")
        if one.mutant:
            file = root / one.mutant.file
            times = file.read_text("utf-8").count(one.mutant.was) if file.is_file() else 0
            if times != 1:
                what = f"{key}: the text of the mutant stands {times} times in {one.mutant.file}, not once"
                yield Problem(*catalog.at("equations", key, ("mutant", "was")), "EQUA002", what)


def _function_reader(root: Path) -> Callable[[str], frozenset[str]]:
    @cache
    def names(path: str) -> frozenset[str]:
        file = root / path
        tree = ast.parse(file.read_text("utf-8")) if file.is_file() else ast.Module([], [])
        return frozenset(node.name for node in ast.walk(tree) if isinstance(node, (ast.FunctionDef, ast.ClassDef)))

    return names


def symbols_are_used(root: Path, catalog: Catalog, pages: list[Page]) -> Iterator[Problem]:
    """NOTE003: no formula uses a symbol of the registry, although its chapter is written. Use it, or take it out."""
    chapters = {chapter for chapter, _ in written(catalog, pages)}
    texts = [tex for page in pages for _, tex in formulas(page)]
    texts += [text for _, one in questions(catalog) for text in (one.question, *(option.text for option in one.options))]
    texts += [symbol.tex for symbol in catalog.symbols.values()]
    used = {name for tex in texts for name in re.findall(r"\\[A-Za-z]+", tex)}
    for key, symbol in catalog.symbols.items():
        if symbol.topic in chapters and symbol.macro not in used:
            yield Problem(*catalog.at("symbols", key), "NOTE003", f"no formula uses {symbol.macro}")


SENTENCE = re.compile(r"(?<=[.!?])[\"')\]]*\s+(?=[A-Z({\[*\"])")
CITED = re.compile(r"\{cite(?::[a-z]+)?\}`([^`]+)`")
NUMBER = re.compile(r"(?<![\w.,^_{$-])[+−-]?\d+(?:[.,]\d+)*(?![\w-])(?! ?(?:author|part))|\d ?%|\d\.\d")
RANKING = re.compile(
    r"\b(outperform\w*|surpass\w*|(?:better|worse|faster|slower|stronger|weaker) than|best|worst|state[- ]of[- ]the[- ]art|"
    r"(?:the|was|were) first|first to|fastest|highest|lowest|largest|smallest|beats?|superior|inferior|exceed\w*|"
    r"twice|halve[sd]?|times (?:as|more|fewer|less|faster|larger|smaller))\b",
    re.I,
)
YEAR = re.compile(r"\b(?:19|20)\d\d\b")


def measured_claims_have_a_place(root: Path, catalog: Catalog, pages: list[Page]) -> Iterator[Problem]:
    """CITE004: a sentence with a number or a ranking cites a work but not the place in it: {cite:p}`key{Table 3}`."""
    chapters = {page.name for _, page in written(catalog, pages)}
    for page in pages:
        if page.name not in chapters and not page.docname.startswith(("labs/", "exercises/")):
            continue
        for line, sentence in sentences(page):
            cited = CITED.findall(sentence)
            if not cited or any("{" in keys.partition("}")[0] or re.search(r"\w\{", keys) for keys in cited):
                continue
            plain = YEAR.sub("", re.sub(r"\{[\w:-]+\}`[^`]*`|\]\([^)]*\)", " ", sentence))
            if found := NUMBER.search(plain) or RANKING.search(plain):
                what = f"{found[0].strip()!r} is measured or ranked; name the place in the source, as in key{{Table 3}}"
                yield Problem(page.name, line, "CITE004", what)


def sentences(page: Page) -> Iterator[tuple[int, str]]:
    """(line where it begins, text) of each sentence of the running text."""
    block: list[tuple[int, str]] = []
    for line, text in [*enumerate(page.prose.split("\n"), 1), (0, "")]:
        if text.strip() and not re.match(r"\s*([-*|#]|\d+\.)\s", text):
            block.append((line, text))
            continue
        yield from _split(block)
        block = [(line, text)] if text.strip() else []
    yield from _split(block)


def _split(block: list[tuple[int, str]]) -> Iterator[tuple[int, str]]:
    whole, starts = "", []
    for line, text in block:
        starts.append((len(whole), line))
        whole += text + "\n"
    at = 0
    for part in [*(found.span() for found in SENTENCE.finditer(whole)), (len(whole), len(whole))]:
        sentence = whole[at : part[0]].strip()
        if sentence:
            yield max(line for start, line in starts if start <= at), sentence
        at = part[1]


RULES = (
    exercises_are_whole, every_objective_is_examined, hints_keep_the_answer, code_exercises_are_complete,
    quizzes_examine_the_chapter, options_stand_alone, keys_are_spread, equations_are_known, proofs_exist, symbols_are_used,
    measured_claims_have_a_place,
)  # fmt: skip
