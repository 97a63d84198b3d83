"""Tables of repositories. Absent is "unknown", [] is "none found", false is "no"; a stale copy is called so."""

from collections.abc import Callable, Iterable, Iterator
from urllib.parse import quote

from tools.catalog import Catalog
from tools.models import Algorithm, Repository
from tools.render import myst
from tools.render.tables import UNKNOWN, Cell, Column, Table, chapter, chapters, joined, link, record, remark, said

NONE = "none found"

STATUS = {
    "active": "active",
    "quiet": "quiet",
    "declared-archived": "archived",
    "declared-unmaintained": "unmaintained",
    "superseded": "superseded",
    "snapshot-stale": "stale copy",
    "not-obtained": "no copy obtained",
}
STATUS_MEANING = (
    "*active*: a commit on the default branch in the year before the copy was made; *quiet*: none, and no notice; *archived*, "
    "*unmaintained*, *superseded*: its own README says so; *stale copy*: only an old copy could be read, so its upkeep is "
    "unknown. *unknown*: could not be established; *none found*: looked for in the copy and not found. Values link to the "
    "file that shows them; *seen* is the date of the newest commit in the copy that was read."
)
CONTROL = ("reinforcement-learning", "offline-rl", "imitation-learning", "coordination", "emergent-communication", "social-rl")


def all_tables(catalog: Catalog) -> Iterator[Table]:
    """The eight comparison tables, and the source list's own repositories and libraries."""
    for make in (trainers, systems, agents, testbeds, classic, methods, licences, diffusion):
        yield make(catalog)
    yield source_list(catalog, "repository", "source-list-repositories", "Repositories of the source list")
    yield source_list(catalog, "library", "source-list-libraries", "Libraries of the source list")


def paths(repository: Repository, field: str, item: str = "") -> tuple[str, ...]:
    """The files that show `field` (or `item` in it)."""
    found = repository.custom.evidence.get(field, ())
    found = found.get(item, ()) if isinstance(found, dict) else found
    return (found,) if isinstance(found, str) else found


def evidence(repository: Repository, path: str) -> str | None:
    """Address of a file of the repository, at the commit that was read."""
    if path.startswith("https://"):
        return path
    commit = repository.custom.commit
    return f"https://github.com/{repository.id}/blob/{commit}/{quote(path)}" if commit else None


def fact(repository: Repository, field: str, value: str, item: str = "") -> Cell:
    """A value that leads to the first file that shows it."""
    found = paths(repository, field, item)
    return link(value, evidence(repository, found[0])) if found else said(value)


def name(repository: Repository) -> Cell:
    """The repository by its title, linked; a stale copy is called so."""
    cell = link(repository.title, repository.url)
    return remark(cell, said("stale copy")) if repository.custom.status == "snapshot-stale" else cell


def state(repository: Repository) -> list[Cell]:
    """Its state in words, the date seen, and the successor."""
    custom = repository.custom
    seen = Cell(f"seen {myst.span(custom.seen, 'date')}", f"seen {custom.seen}") if custom.seen else said("date seen unknown")
    successor = [said(f"successor {custom.successor}")] if custom.successor else []
    return [fact(repository, "status", STATUS[custom.status]), seen, *successor]


def status(repository: Repository) -> Cell:
    """Its state as a cell, the dates in parentheses."""
    first, *others = state(repository)
    return remark(first, *others)


def several(repository: Repository, field: str, values: Iterable[str] | None) -> Cell:
    """A list of facts, each with its evidence, or the evidence of all of them behind it."""
    if values is None:
        return said(UNKNOWN)
    if values and isinstance(repository.custom.evidence.get(field), dict):
        return joined(fact(repository, field, value, value) for value in values)
    cell = said(", ".join(values) or NONE)
    return remark(cell, *(link(path.rpartition("/")[2], evidence(repository, path)) for path in paths(repository, field)))


def yes_no(repository: Repository, field: str, value: bool | None) -> Cell:
    """A fact that holds, does not hold, or is unknown."""
    return said(UNKNOWN) if value is None else fact(repository, field, "yes" if value else "no")


def licence(repository: Repository) -> Cell:
    """SPDX name, with the note where the matter is less simple."""
    custom = repository.custom
    cell = fact(repository, "license", custom.license) if custom.license else said(UNKNOWN)
    return remark(cell, said(custom.license_note)) if custom.license_note else cell


def python(repository: Repository) -> Cell:
    """Python versions that the package asks for, or that its documentation names."""
    custom = repository.custom
    if custom.python_requires:
        return fact(repository, "python-requires", custom.python_requires)
    if custom.python_documented:
        return remark(fact(repository, "python-documented", custom.python_documented), said("documentation"))
    return said(UNKNOWN)


def algorithms(repository: Repository) -> Cell:
    """Algorithms that its code implements."""
    return several(repository, "algorithms", repository.custom.algorithms)


def modalities(repository: Repository) -> Cell:
    """What it reads or acts on."""
    return several(repository, "modalities", repository.custom.modalities)


def environments(repository: Repository) -> Cell:
    """Environments that come with it."""
    return several(repository, "environments", repository.custom.environments)


def _chosen(catalog: Catalog, wanted: Callable[[Repository], bool]) -> list[Repository]:
    return sorted(filter(wanted, catalog.repositories.values()), key=lambda one: (one.title.casefold(), one.id))


def _of_kind(*kinds: str) -> Callable[[Repository], bool]:
    return lambda repository: repository.custom.kind in kinds


def method(catalog: Catalog, algorithm: Algorithm) -> Cell:
    """An algorithm, linked to where the book explains it, and to its equation where a chapter has one."""
    topic = catalog.topics.get(algorithm.topic or "")
    named = chapter(topic, algorithm.title) if topic else said(algorithm.title)
    return Cell(f"{named.markup} {{eq}}`{algorithm.equation}`", named.plain) if algorithm.equation else named


def trainers(catalog: Catalog) -> Table:
    """Which trainer has my objective: one row for each algorithm that a trainer implements."""
    found = _chosen(catalog, _of_kind("trainer"))
    unknown = joined(map(name, (one for one in found if one.custom.algorithms is None)))
    rows = []
    for algorithm in catalog.vocabulary.algorithms:
        names = {algorithm.title, *algorithm.aliases}
        having = [(one, word) for one in found for word in one.custom.algorithms or () if word in names]
        if having:
            shown = joined(_implementation(one, word) for one, word in having)
            rows.append([method(catalog, algorithm), said(algorithm.full or algorithm.title), shown, said(str(len(having)))])
    note = "Each trainer links to the file that implements the objective." + (
        f" Objectives unknown for: {unknown.markup}." if unknown.plain else ""
    )
    columns = [Column("Objective", 12), Column("In full", 20), Column("Trainers that implement it", 45), Column("Number", 8)]
    return Table("repository-trainers", "Which trainer has my objective", columns, rows, note)


def _implementation(repository: Repository, word: str) -> Cell:
    cell = fact(repository, "algorithms", repository.title, word)
    return remark(cell, said("stale copy")) if repository.custom.status == "snapshot-stale" else cell


def systems(catalog: Catalog) -> Table:
    """What a trainer runs on."""
    rows = [
        [
            name(one),
            several(one, "training-backends", one.custom.training_backends),
            several(one, "rollout-engines", one.custom.rollout_engines),
            several(one, "orchestrators", one.custom.orchestrators),
            yes_no(one, "multi-node", one.custom.multi_node),
            yes_no(one, "async", one.custom.async_),
            status(one),
        ]
        for one in _chosen(catalog, _of_kind("trainer"))
    ]
    columns = [
        Column("Trainer", 15),
        Column("Training backends", 20, True),
        Column("Rollout engines", 17, True),
        Column("Orchestrators", 14, True),
        Column("Several nodes", 9, True),
        Column("Asynchronous", 11, True),
        Column("Status", 14, True),
    ]
    return Table("repository-systems", "Trainers by the systems they run on", columns, rows, STATUS_MEANING)


def agents(catalog: Catalog) -> Table:
    """Who trains over several turns, and on what."""
    rows = [
        [
            name(one),
            said((one.custom.kind or UNKNOWN).replace("-", " ")),
            yes_no(one, "multi-turn", one.custom.multi_turn),
            environments(one),
            modalities(one),
            status(one),
        ]
        for one in _chosen(catalog, lambda one: one.custom.kind == "agent-framework" or one.custom.multi_turn is True)
    ]
    columns = [
        Column("Repository", 16),
        Column("Kind", 12, True),
        Column("Several turns", 9, True),
        Column("Environments", 30),
        Column("Modalities", 14, True),
        Column("Status", 15, True),
    ]
    return Table("repository-agents", "Training over several turns, and agents", columns, rows, STATUS_MEANING)


def testbeds(catalog: Catalog) -> Table:
    """Repositories that are environments or benchmarks."""
    rows = [
        [name(one), modalities(one), environments(one), said(one.note or ""), licence(one), python(one), status(one)]
        for one in _chosen(catalog, _of_kind("environment", "benchmark", "dataset"))
    ]
    columns = [
        Column("Repository", 13),
        Column("Modalities", 11, True),
        Column("Environments", 20),
        Column("What it is", 20),
        Column("Licence", 11, True),
        Column("Python", 10),
        Column("Status", 14, True),
    ]
    return Table(
        "repository-environments", "Repositories of environments and benchmarks, by modality", columns, rows, STATUS_MEANING
    )


def classic(catalog: Catalog) -> Table:
    """Libraries for agents that are not language models."""

    def wanted(one: Repository) -> bool:
        custom = one.custom
        return custom.kind in ("trainer", "reference-implementation") and (
            "control" in (custom.modalities or ()) or not set(CONTROL).isdisjoint(custom.topics)
        )

    rows = [
        [name(one), chapters(catalog, one.custom.topics), algorithms(one), licence(one), python(one), status(one)]
        for one in _chosen(catalog, wanted)
    ]
    columns = [
        Column("Repository", 15),
        Column("Chapters", 18, True),
        Column("Algorithms", 30, True),
        Column("Licence", 10, True),
        Column("Python", 10),
        Column("Status", 14, True),
    ]
    caption = "Libraries for classic, offline, imitation and multi-agent reinforcement learning"
    return Table("repository-classic", caption, columns, rows, STATUS_MEANING)


def methods(catalog: Catalog) -> Table:
    """From a method or system to the code of its authors, and to what is maintained now; only what has original code."""
    rows = []
    for algorithm in catalog.vocabulary.algorithms:
        if algorithm.code:
            paper = record(catalog, algorithm.paper) if algorithm.paper else said(UNKNOWN)
            after = None if algorithm.successor else _maintained(catalog, algorithm)
            after = after or _successor(catalog, algorithm.code, algorithm.successor)
            rows.append([method(catalog, algorithm), paper, _repository(catalog, algorithm.code), after])
    methods_code = {algorithm.code for algorithm in catalog.vocabulary.algorithms}
    for one in _chosen(catalog, _of_kind("reference-implementation")):
        if one.custom.papers and one.id not in methods_code:
            papers = joined(record(catalog, key) for key in one.custom.papers)
            after = _successor(catalog, one.id, one.custom.successor)
            rows.append([said(one.title), papers, _repository(catalog, one.id), after])
    columns = [
        Column("Method or system", 20),
        Column("Paper", 24),
        Column("Original code", 26),
        Column("Maintained successor", 30),
    ]
    return Table("repository-methods", "From method to original code to maintained successor", columns, rows, STATUS_MEANING)


def _successor(catalog: Catalog, code: str, successor: str | None) -> Cell:
    """The successor that is named; code that is active itself needs none."""
    if successor:
        return _repository(catalog, successor)
    return said("the original is maintained" if catalog.repositories[code].custom.status == "active" else UNKNOWN)


def _maintained(catalog: Catalog, algorithm: Algorithm) -> Cell | None:
    """The active trainers that implement the algorithm, where no successor is named."""
    names = {algorithm.title, *algorithm.aliases}
    active = [one for one in _chosen(catalog, _of_kind("trainer")) if one.custom.status == "active" and one.id != algorithm.code]
    found = [(one, word) for one in active for word in one.custom.algorithms or () if word in names]
    return joined(_implementation(one, word) for one, word in found) if found else None


def _repository(catalog: Catalog, key: str) -> Cell:
    one = catalog.repositories[key]
    return remark(link(one.title, one.url), *state(one))


def licences(catalog: Catalog) -> Table:
    """Whether a repository may be used, and with which Python."""
    rows = [
        [
            name(one),
            said((one.custom.kind or UNKNOWN).replace("-", " ")),
            licence(one),
            python(one),
            said(one.custom.latest_tag or UNKNOWN),
            said(one.custom.last_commit or UNKNOWN),
            status(one),
        ]
        for one in _chosen(catalog, lambda one: True)
    ]
    columns = [
        Column("Repository", 18),
        Column("Kind", 14, True),
        Column("Licence", 16, True),
        Column("Python", 14),
        Column("Latest tag", 12),
        Column("Last commit", 12),
        Column("Status", 14, True),
    ]
    return Table("repository-licences", "Licences and Python versions of all repositories", columns, rows, STATUS_MEANING)


def diffusion(catalog: Catalog) -> Table:
    """Repositories that train diffusion models or models of biological sequences."""
    rows = [
        [name(one), said(one.note or ""), modalities(one), algorithms(one), licence(one), status(one)]
        for one in _chosen(catalog, lambda one: not {"diffusion", "biological sequences"}.isdisjoint(one.custom.modalities or ()))
    ]
    columns = [
        Column("Repository", 16),
        Column("What it is", 26),
        Column("Modalities", 14, True),
        Column("Algorithms", 20, True),
        Column("Licence", 10, True),
        Column("Status", 14, True),
    ]
    return Table("repository-diffusion", "Reinforcement learning of diffusion and sequence models", columns, rows, STATUS_MEANING)


def source_list(catalog: Catalog, kind: str, table: str, caption: str) -> Table:
    """The repositories that the source list names, in its order."""
    rows = []
    for entry in catalog.source_list.values():
        for one in (catalog.repositories[key] for key in entry.see if key in catalog.repositories):
            if entry.kind == kind:
                rows.append(
                    [
                        name(one),
                        said(entry.listed.title),
                        said(one.note or ""),
                        chapters(catalog, one.custom.topics),
                        licence(one),
                        status(one),
                    ]
                )
    columns = [
        Column("Repository", 15),
        Column("Listed as", 16),
        Column("What it does", 26),
        Column("Chapters", 16, True),
        Column("Licence", 11, True),
        Column("Status", 15, True),
    ]
    return Table(table, caption, columns, rows, STATUS_MEANING)
