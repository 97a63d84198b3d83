"""Tables: what is unknown is never "no", stale copies are called so, and cells lead to their evidence."""

import csv
import io
from dataclasses import replace
from pathlib import Path

import pytest

from tools.load import load
from tools.models import Repository
from tools.models import Table as Comparison
from tools.render import lists, repositories, tables
from tools.render.tables import Cell, Column, Table, said

GOOD = Path(__file__).parent / "fixtures" / "good"


@pytest.fixture(scope="module")
def catalog():
    return load(GOOD)[0]


def repository(**custom):
    given = {
        "group": "library",
        "kind": "trainer",
        "topics": ["human-feedback"],
        "status": "active",
        "commit": "0123456789ab",
        "seen": "2026-08-01",
        "checked": "2026-11",
    }
    return Repository.model_validate(
        {
            "id": "a/b",
            "title": "B",
            "URL": "https://github.com/a/b",
            "custom": given | {k.replace("_", "-"): v for k, v in custom.items()},
        }
    )


def with_repositories(catalog, *found):
    return replace(catalog, repositories={one.id: one for one in found})


def row(table, name):
    """Column title -> plain text of the cell, of the row that begins with `name`."""
    (found,) = [one for one in csv.DictReader(io.StringIO(tables.to_csv(table))) if next(iter(one.values())) == name]
    return found


def test_absent_is_unknown_and_empty_is_none_found_and_false_is_no(catalog):
    one = repository(multi_node="false", rollout_engines=[])
    known = {"async": "true", "license": "MIT", "python-requires": ">=3.9", "last-commit": "2026-08-01"}
    other = repository(training_backends=["FSDP"], orchestrators=["Ray"], **known)
    other = other.model_copy(update={"id": "c/d", "title": "D"})
    found = row(repositories.systems(with_repositories(catalog, one, other)), "B")
    assert found["Several nodes"] == "no"
    assert found["Rollout engines"] == "none found"
    assert found["Asynchronous"] == found["Training backends"] == found["Orchestrators"] == "unknown"
    licences = row(repositories.licences(with_repositories(catalog, one, other)), "B")
    assert licences["Licence"] == licences["Python"] == licences["Last commit"] == "unknown"


def test_a_stale_copy_and_its_date_are_named_in_words(catalog):
    one = repository(status="snapshot-stale", algorithms=["DPO"])
    changed = with_repositories(catalog, one)
    assert row(repositories.systems(changed), "B (stale copy)")["Status"] == "stale copy (seen 2026-08-01)"
    assert row(repositories.trainers(changed), "DPO")["Trainers that implement it"] == "B (stale copy)"


def test_status_names_the_successor():
    assert (
        repositories.status(repository(status="superseded", successor="c/d")).plain
        == "superseded (seen 2026-08-01; successor c/d)"
    )


def test_every_status_has_its_words():
    words = Repository.model_fields["custom"].annotation.model_fields["status"].annotation.__args__
    assert set(words) == set(repositories.STATUS)


@pytest.mark.parametrize(
    "evidence, markup",
    [
        ({}, "vLLM, Ray"),
        ({"rollout-engines": "a b.py"}, "vLLM, Ray [([a b.py](https://github.com/a/b/blob/0123456789ab/a%20b.py))]{.remark}"),
        (
            {"rollout-engines": ["x/one.py", "two.py"]},
            "vLLM, Ray [([one.py](https://github.com/a/b/blob/0123456789ab/x/one.py); "
            "[two.py](https://github.com/a/b/blob/0123456789ab/two.py))]{.remark}",
        ),
        ({"rollout-engines": {"Ray": "ray.py"}}, "vLLM, [Ray](https://github.com/a/b/blob/0123456789ab/ray.py)"),
    ],
)
def test_facts_lead_to_their_evidence(evidence, markup):
    one = repository(evidence=evidence)
    assert repositories.several(one, "rollout-engines", ("vLLM", "Ray")).markup == markup


def test_evidence_needs_a_commit():
    one = repository(evidence={"license": "LICENSE"}, license="MIT")
    assert "(https://github.com/a/b/blob/0123456789ab/LICENSE)" in repositories.licence(one).markup
    without = one.model_copy(update={"custom": one.custom.model_copy(update={"commit": None})})
    assert repositories.licence(without) == said("MIT")


def test_objectives_are_found_by_alias_and_lead_to_the_chapter(catalog):
    algorithm = catalog.vocabulary.algorithms[0].model_copy(update={"aliases": ("dpo-loss",)})
    changed = with_repositories(
        catalog, repository(algorithms=["dpo-loss"]), repository(algorithms=["dpo-loss"]).model_copy(update={"id": "c/d"})
    )
    changed = replace(changed, vocabulary=catalog.vocabulary.model_copy(update={"algorithms": (algorithm,)}))
    (made,) = repositories.trainers(changed).rows
    assert made[0].markup == "[DPO](/reward-learning/human-feedback.md)"
    assert made[3].plain == "2"


def test_a_comparison_cell_has_value_citation_and_locator(catalog):
    made = tables.comparison(catalog, catalog.tables["methods"])
    assert "[Deep preferences](#paper-christiano2017deep)" in made
    assert "pairs of trajectory segments\n\n    {.source}\n    {cite:p}`christiano2017deep`, Section 2" in made
    assert "Checked 2026-11-22." in made
    header, fact = csv.reader(io.StringIO(tables.comparison_csv(catalog, catalog.tables["methods"])))
    assert dict(zip(header, fact, strict=True)) == {
        "name": "Deep preferences",
        "column": "Data",
        "value": "pairs of trajectory segments",
        "cite": "christiano2017deep",
        "link": "https://arxiv.org/abs/1706.03741",
        "locator": "Section 2",
    }


@pytest.mark.parametrize("count, parts", [(1, [1]), (6, [6]), (7, [4, 3]), (13, [5, 5, 3])])
def test_many_columns_are_parted_and_none_is_lost(catalog, count, parts):
    cell = {"value": "yes", "cite": "christiano2017deep", "locator": "p. 1"}
    names = [f"c{n}" for n in range(count)]
    data = Comparison.model_validate(
        {
            "id": "wide",
            "title": "Wide",
            "checked": "2026-01-01",
            "columns": [{"id": name, "title": name.upper()} for name in names],
            "rows": [{"id": "r", "title": "R", "cells": dict.fromkeys(names, cell)}],
        }
    )
    made = tables.comparison(catalog, data)
    assert [made.count(f"- {name.upper()}\n") for name in names] == [1] * count
    assert [len(one.split(" ")) - 1 for one in made.split(":widths: ")[1:] for one in [one.split("\n")[0]]] == parts
    assert made.count(":name: tbl-wide") == len(parts)


def test_the_form_of_a_table():
    table = Table(
        "x", "A *caption*", [Column("Name", 3), Column("Kind", 4, choose=True)], [[said("a"), Cell("[b](#c)", "b")]], "Note."
    )
    assert tables.bare(table) == (
        "::::{list-table} A \\*caption\\*\n"
        ":name: tbl-x\n"
        ":class: data-table longtable choose-2\n"
        ":header-rows: 1\n"
        ":stub-columns: 1\n"
        ":widths: 3 4\n"
        "\n"
        "* - Name\n"
        "  - Kind\n"
        "* - a\n"
        "  - [b](#c)\n"
        "::::\n"
        "\n"
        "Note.\n"
    )


def test_a_column_in_which_nothing_is_known_is_left_out():
    columns = [Column("Name", 3), Column("Licence", 4, choose=True), Column("Level", 5), Column("Kind", 6, choose=True)]
    rows = [[said(one) for one in line] for line in (("a", "unknown", "none found", ""), ("b", "not stated", "none found", "k"))]
    table = Table("x", "X", columns, [*rows, [said("c"), said("none recorded"), said(""), said("")]])
    made = tables.bare(table)
    assert ":class: data-table longtable choose-3\n" in made and ":widths: 3 5 6\n" in made
    assert "* - b\n  - none found\n  - k\n" in made
    assert tables.to_csv(table) == "Name,Level,Kind\r\na,none found,\r\nb,none found,k\r\nc,,\r\n"


def test_the_successor_of_code_that_is_active_is_the_code_itself(catalog):
    known = {"kind": "reference-implementation", "papers": ["christiano2017deep"]}
    one, two, three = repository(**known), repository(**known, status="quiet"), repository(**known, successor="a/b")
    algorithm = catalog.vocabulary.algorithms[0].model_copy(update={"code": "a/b", "successor": None, "aliases": ()})
    changed = with_repositories(
        catalog,
        one,
        two.model_copy(update={"id": "c/d", "title": "C"}),
        three.model_copy(update={"id": "e/f", "title": "E"}),
    )
    changed = replace(changed, vocabulary=catalog.vocabulary.model_copy(update={"algorithms": (algorithm,)}))
    assert [(row[0].plain, row[3].plain) for row in repositories.methods(changed).rows] == [
        (algorithm.title, "the original is maintained"),
        ("C", "unknown"),
        ("E", "B (active; seen 2026-08-01)"),
    ]
    changed = replace(changed, vocabulary=catalog.vocabulary.model_copy(update={"algorithms": ()}))
    assert row(repositories.methods(changed), "B")["Maintained successor"] == "the original is maintained"


def test_a_table_without_rows_is_a_sentence():
    assert tables.bare(Table("x", "X", [Column("A")], [])) == tables.EMPTY


def test_no_table_is_too_wide(catalog):
    for table in (*repositories.all_tables(catalog), *lists.all_tables(catalog), lists.catalogue(catalog)):
        assert len(table.columns) <= tables.MAX_COLUMNS
        assert {len(one) for one in table.rows} <= {len(table.columns)}
    with pytest.raises(AssertionError, match="too many columns"):
        Table("x", "X", [Column(str(n)) for n in range(8)], [])


def test_a_method_links_to_its_equation(catalog):
    algorithm = catalog.vocabulary.algorithms[0].model_copy(update={"equation": "eq-dpo-loss"})
    cell = repositories.method(catalog, algorithm)
    assert cell == ("[DPO](/reward-learning/human-feedback.md) {eq}`eq-dpo-loss`", "DPO")
