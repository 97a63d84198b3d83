"""Labs, worked numbers, figures, equations, exercises and quizzes in a small book, in HTML, LaTeX and text."""

import json
import os
import re
import shutil
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
RAILS = Path(__file__).parent / "fixtures" / "rails"
pytestmark = pytest.mark.book


def sphinx(book, builder="html", *options):
    """Build as `make book` does, warnings being errors; the exit status and what was said."""
    command = [sys.executable, "-m", "sphinx", "-n", "-W", "--keep-going", "-q", "-j", "2", "-b", builder, *options]
    path = os.pathsep.join([str(ROOT / "docs/_ext"), str(ROOT)])
    command += [str(book / "docs"), str(book / "build" / builder)]
    done = subprocess.run(command, env=os.environ | {"PYTHONPATH": path}, capture_output=True, text=True, timeout=300)
    return done.returncode, done.stdout + done.stderr


def copied(folder):
    shutil.copytree(RAILS, folder, dirs_exist_ok=True)
    shutil.copy(ROOT / "docs/labs/style.py", folder / "docs/labs/style.py")
    (folder / "requirements.txt").write_text("numpy==2\n")
    return folder


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    made = copied(tmp_path_factory.mktemp("rails"))
    for builder in ("html", "latex", "text"):
        assert sphinx(made, builder) == (0, "")
    return made


@pytest.fixture(scope="module")
def page(book):
    return (book / "build/html/part/toy.html").read_text("utf-8")


@pytest.fixture(scope="module")
def text(book):
    return (book / "build/text/part/toy.txt").read_text("utf-8")


@pytest.fixture(scope="module")
def tex(book):
    return (book / "build/latex/rails.tex").read_text("utf-8")


def squeezed(text):
    return " ".join(text.split())


# Worked numbers


def test_worked_numbers_are_computed(text, page, tex):
    said = "The mean is 0.25, or +0.250, and the shares are 0.50, 0.25, 0.25; the first is 0.5. A loss is −1.23, a count 12345."
    assert said in squeezed(text)
    assert '<span class="worked">+0.250</span>' in page
    assert "+0.250" in tex


@pytest.mark.parametrize(
    "role, said",
    [
        ("toy.broken", "ZeroDivisionError"),
        ("toy.nothing", "has no function nothing"),
        ("none.mean", "there is no labs/worked/none.py"),
        ("mean", "should read CHAPTER.name"),
        ("toy.mean:zz", "ValueError"),
        ("toy.shares[7]", "IndexError"),
    ],
)
def test_a_number_that_cannot_be_computed_names_page_and_line(tmp_path, role, said):
    (tmp_path / "docs/labs/worked").mkdir(parents=True)
    for name in ("toy", "half", "style", "worked/toy"):
        shutil.copy(
            ROOT / "docs/labs/style.py" if name == "style" else RAILS / f"docs/labs/{name}.py", tmp_path / f"docs/labs/{name}.py"
        )
    (tmp_path / "docs/conf.py").write_text('extensions = ["myst_parser", "worked"]\nexclude_patterns = ["labs/**"]\n')
    (tmp_path / "docs/index.md").write_text(f"# Book\n\nA.\n\nIt is {{worked}}`{role}`.\n")
    status, found = sphinx(tmp_path, "text")
    assert status == 1
    assert "index.md:5: WARNING" in found
    assert said in found


# Equations


def test_tested_equations_have_their_mark(page, text, tex):
    assert page.count(">tested</summary>") == 1  # definitions have none
    assert "tests/equations/test_toy.py::test_mean" in page
    assert "tested" not in text
    assert "test_toy" not in tex.partition("Equations")[0]


def test_all_equations_are_listed_with_their_tests(book):
    listed = squeezed((book / "build/text/appendix/equations.txt").read_text("utf-8"))
    assert 'Test: "tests/equations/test_toy.py::test_mean"' in listed
    assert 'Slip that it finds: "weights * values" → "weights + values"' in listed
    assert "Not tested: definition." in listed
    html = (book / "build/html/appendix/equations.html").read_text("utf-8")
    assert 'href="../part/toy.html#equation-eq-toy-mean"' in html


def test_tests_and_code_are_links_where_the_repository_is_known(tmp_path):
    book = copied(tmp_path)
    (book / "docs/data/book.yaml").write_text("title: Rails\nrepository-url: https://github.com/example/book\n")
    assert sphinx(book) == (0, "")
    html = (book / "build/html/part/toy.html").read_text("utf-8")
    assert 'href="https://github.com/example/book/blob/main/tests/equations/test_toy.py#L6"' in html
    assert 'href="https://github.com/example/book/blob/main/docs/labs/toy.py#L' in html
    lab = (book / "build/html/labs/toy.html").read_text("utf-8")
    assert 'href="https://colab.research.google.com/github/example/book/blob/notebooks/toy/toy.ipynb"' in lab
    assert "google.colab" in json.dumps(notebook(book))


# Exercises


def test_exercises_have_headings_labels_and_folded_answers(page, text):
    assert '<section class="exercise" id="ex-toy-mean">' in page
    assert "<h3>Exercise 1: The mean of two (derive, 15 minutes)" in page
    assert page.count("<summary>Hint</summary>") == page.count("<summary>Solution</summary>") == 2
    assert "that is, 0.25." in text
    assert "python -m tools grade toy/02-clip FILE" in squeezed(text)
    assert "See (1) and Exercise 1: The mean of two" in squeezed(text)


def test_on_paper_solutions_stand_behind_the_exercises_with_pages_both_ways(tex):
    first, _, rest = tex.partition(r"\section{Solutions}")
    assert r"Solution: page~\pageref{solution:ex-toy-mean}" in first
    assert r"\label{exercise:ex-toy-mean}" in first
    assert "that is, " not in first
    assert r"\label{solution:ex-toy-mean}(page~\pageref{exercise:ex-toy-mean})" in rest
    assert "that is, " in rest


def test_a_warning_in_an_exercise_names_its_file_and_line(tmp_path):
    book = copied(tmp_path)
    path = book / "docs/exercises/toy/01-mean.md"
    path.write_text(path.read_text("utf-8").replace("that is, {worked}`toy.mean`", "that is, {worked}`toy.none`"))
    status, said = sphinx(book, "text")
    assert status == 1
    assert f"01-mean.md:{path.read_text('utf-8').split('toy.none')[0].count(chr(10)) + 1}: WARNING" in said


# Quizzes


def test_quizzes_work_without_a_script(page):
    assert page.count('<fieldset class="quiz"') == page.count("<legend>") == 3
    assert page.count('type="radio"') == 2
    assert page.count('type="checkbox"') == 2
    assert '<input inputmode="decimal" name="quiz-toy-number" type="text" />' in page
    assert page.count("<summary>Answer</summary>") == 3


@pytest.mark.parametrize("kind", ["text", "tex", "page"])
def test_quizzes_explain_every_option_in_every_format(kind, request):
    shown = squeezed(re.sub(r"<[^>]*>|\*\*|[{}]|\\sphinx\w+|\\-", "", request.getfixturevalue(kind)))
    for part in (
        "A, right. Half of one minus half of a half",
        "B, wrong (sign ignored). The second value",
        "0.875: wrong (complement",
    ):
        assert squeezed(part) in shown


# Figures


def test_figures_are_vector_in_html_and_latex(book, page, tex):
    assert 'alt="A curve that rises ever faster."' in page
    assert (book / "build/html/_images/toy-squares.svg").read_text("utf-8").count("<svg") == 1
    assert r"{{toy-squares}.pdf}" in tex
    assert (book / "build/latex/toy-squares.pdf").read_bytes().startswith(b"%PDF")
    assert "<summary>Data of this figure</summary>" in page
    assert page.count("<td><p>16</p></td>") == 1


def test_a_figure_is_the_same_on_every_day(book, tmp_path):
    other = copied(tmp_path)
    assert sphinx(other)[0] == 0
    for name in ("toy-squares.svg", "toy-squares.pdf"):
        one, two = (next((where / "build/.labs/figures").glob(f"*/{name}")).read_bytes() for where in (book, other))
        assert one == two


# Labs: the page, the zip, the cache


def notebook(book, name="toy"):
    with zipfile.ZipFile(book / f"build/.labs/notebooks/{name}.zip") as archive:
        return json.loads(archive.read(f"{name}/{name}.ipynb"))


def test_the_lab_page_ran(book):
    html = (book / "build/html/labs/toy.html").read_text("utf-8")
    assert html.count("<img") == 1
    assert ".svg" in html.partition("<img")[2][:200]
    assert "<td" in html.partition("hide-input")[2]
    assert re.search(r'<p class="chapter-meta">Lab · <a class="reference download internal"[^>]*toy.zip"', html)


def test_the_zip_holds_a_notebook_without_the_book_and_the_modules(book):
    with zipfile.ZipFile(book / "build/.labs/notebooks/toy.zip") as archive:
        names = sorted(archive.namelist())
    assert names == ["toy/half.py", "toy/requirements.txt", "toy/style.py", "toy/toy.ipynb", "toy/toy.py"]
    prose = "\n".join(cell["source"] for cell in notebook(book)["cells"] if cell["cell_type"] == "markdown")
    assert "is 0.25, as Exercise 1 derives from (eq-toy-mean); see *Toy*." in prose
    assert r"$\pi_{\theta}$".replace("$", "") in prose
    assert not re.search(r"\{[\w:]+\}`|^:::|^\(\S+\)=|\\policy", prose, re.M)


def test_the_zip_runs_with_numpy_autograd_and_matplotlib_alone(book, tmp_path):
    with zipfile.ZipFile(book / "build/.labs/notebooks/toy.zip") as archive:
        archive.extractall(tmp_path)
    runs_alone(tmp_path / "toy", tmp_path / "venv")


def runs_alone(folder, venv):
    """Execute the notebook in an environment of its own: what a reader has who took the zip away."""
    uv = shutil.which("uv", path=Path(sys.executable).parent) or shutil.which("uv")
    if uv:
        subprocess.run([uv, "venv", "--quiet", "--python", sys.executable, str(venv)], check=True)
        install = [uv, "pip", "install", "--quiet", "--python", str(venv / "bin/python")]
    else:
        subprocess.run([sys.executable, "-m", "venv", str(venv)], check=True)
        install = [str(venv / "bin/python"), "-m", "pip", "install", "--quiet"]
    subprocess.run([*install, "numpy", "autograd", "matplotlib", "nbclient", "ipykernel"], check=True)
    code = "import nbformat, nbclient, pathlib; p = next(pathlib.Path().glob('*.ipynb'));"
    code += "nb = nbformat.read(p, 4); nbclient.NotebookClient(nb, timeout=300).execute();"
    code += "assert any('image/svg+xml' in o.get('data', {}) for c in nb.cells if c.cell_type == 'code' for o in c.outputs)"
    clean = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "VIRTUAL_ENV")}
    done = subprocess.run(
        [str(venv / "bin/python"), "-c", code], cwd=folder, env=clean, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr[-3000:]


def test_a_changed_lab_module_is_never_served_stale(tmp_path):
    """The notebook's cells stay the same, the module that they import changes: the page must show the new numbers."""
    book = copied(tmp_path)
    assert sphinx(book)[0] == 0
    page = book / "build/html/labs/toy.html"
    assert page.read_text("utf-8").count(">0.25<") + page.read_text("utf-8").count("<p>0.25</p>") >= 5
    module = book / "docs/labs/half.py"
    module.write_text(module.read_text("utf-8").replace("2.0", "4.0"))
    status, said = sphinx(book)
    assert status == 1  # the assertion of the lab fails now, by the name of its page
    assert "labs/toy" in said
    assert "AssertionError" in said
    lab = book / "docs/labs/toy.md"
    lab.write_text(lab.read_text("utf-8").replace("- 0.25", "- 0.5"))
    assert sphinx(book) == (0, "")
    assert "0.5" in page.read_text("utf-8").partition("hide-input")[2]
    assert '<span class="worked">0.5</span>' in page.read_text("utf-8")
    assert '<span class="worked">+0.500</span>' in (book / "build/html/part/toy.html").read_text("utf-8")


def test_nothing_is_run_again_when_only_data_changed(book):
    before = {path: path.stat().st_mtime_ns for path in (book / "build/.jupyter_cache").rglob("*.ipynb")}
    quiz = book / "docs/data/quizzes/toy.yaml"
    quiz.write_text(quiz.read_text("utf-8").replace("Counting.", "By counting."))
    begin = time.monotonic()
    assert sphinx(book) == (0, "")
    assert time.monotonic() - begin < 60
    assert "By counting." in (book / "build/html/part/toy.html").read_text("utf-8")
    assert {path: path.stat().st_mtime_ns for path in (book / "build/.jupyter_cache").rglob("*.ipynb")} == before


def test_nothing_is_written_into_the_sources(book):
    kept = {path.relative_to(book) for path in (book / "docs").rglob("*") if path.is_file() and "__pycache__" not in path.parts}
    given = {
        path.relative_to(RAILS) for path in (RAILS / "docs").rglob("*") if path.is_file() and "__pycache__" not in path.parts
    }
    assert kept - given == {Path("docs/labs/style.py")}
