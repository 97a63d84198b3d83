"""The built HTML -> one zip that is read from any folder, the same bytes for the same book."""

import zipfile
from pathlib import Path

FIRST = (1980, 1, 1, 0, 0, 0)  # the earliest date that a zip can hold: dates would make equal books differ
NOT_READ = ("objects.inv", ".buildinfo", "_sources/", ".doctrees/", "404.html", "sitemap.xml", "_modules/")


def pack(html: Path, target: Path, name: str) -> int:
    """Write `target` with everything that a reader opens, under the folder `name`; the number of files."""
    files = [path for path in sorted(html.rglob("*")) if path.is_file()]
    kept = [path for path in files if not path.relative_to(html).as_posix().startswith(NOT_READ)]
    target.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(target.with_suffix(".new"), "w", zipfile.ZIP_DEFLATED) as made:
        for path in kept:
            entry = zipfile.ZipInfo(f"{name}/{path.relative_to(html).as_posix()}", FIRST)
            entry.external_attr = 0o644 << 16
            made.writestr(entry, path.read_bytes(), zipfile.ZIP_DEFLATED, 9)
    target.with_suffix(".new").replace(target)
    return len(kept)
