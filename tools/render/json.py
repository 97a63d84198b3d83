"""What Sphinx extensions read: the macros of the notation registry, and counts."""

import json

from tools.catalog import Catalog


def dumps(value: object) -> str:
    """JSON that is easy to read and to compare."""
    return json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def macros(catalog: Catalog) -> str:
    """Macro -> [TeX, number of arguments]."""
    return dumps({symbol.macro: [symbol.tex, symbol.arguments] for symbol in catalog.symbols.values()})


def counts(catalog: Catalog, cited: int) -> str:
    """How many records of each kind there are, and the newest day on which one was checked."""
    kinds = ("papers", "repositories", "courses", "environments", "benchmarks", "tables", "source_list", "errata", "paths")
    checked = [one.custom.checked for kind in kinds[:5] for one in getattr(catalog, kind).values()]
    checked += [one.checked for kind in ("tables", "source_list") for one in getattr(catalog, kind).values()]
    cells = (len(row.cells) for table in catalog.tables.values() for row in table.rows)
    return dumps(
        {kind.replace("_", "-"): len(getattr(catalog, kind)) for kind in kinds}
        | {"terms": len(catalog.terms), "symbols": len(catalog.symbols), "topics": len(catalog.topics)}
        | {"workshops": sum(one.custom.kind == "workshop" for one in catalog.courses.values())}
        | {"equations": sum(one.test is not None for one in catalog.equations.values()), "questions": len(catalog.questions)}
        | {"cited": cited, "cells": sum(cells), "checked": max(checked, default="")}
    )
