"""What our extensions know of the modules of the labs: which files one is made of, whether they changed, how to load them."""

import ast
import hashlib
import importlib.util
import logging
import os
import sys
from functools import lru_cache
from pathlib import Path
from types import ModuleType

from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

LOCK = "requirements.txt"


def labs(env: BuildEnvironment) -> Path:
    """The folder of the lab modules."""
    return Path(env.srcdir) / "labs"


def cache(env: BuildEnvironment) -> Path:
    """Where what the labs made is kept between builds: beside the book that is built, never in the sources."""
    return Path(env.srcdir).parent / "build" / ".labs"


def closure(file: Path, labs: Path) -> list[Path]:
    """`file` and the lab modules that it imports, and those that they import, sorted."""
    found, waiting = set(), [file]
    while waiting:
        one = waiting.pop()
        if one in found:
            continue
        found.add(one)
        stamp = one.stat()
        for name in imports(one, stamp.st_mtime_ns, stamp.st_size):
            waiting += [path for path in (labs / f"{name}.py",) if path.is_file()]
    return sorted(found)


@lru_cache(maxsize=1024)
def imports(file: Path, *stamp: int) -> frozenset[str]:
    """Names of the modules that `file` imports; `stamp` tells one state of it from another."""
    try:
        tree = ast.parse(file.read_text("utf-8"), str(file))
    except SyntaxError:
        return frozenset()  # said where the module is loaded
    names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    names |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and not node.level}
    return frozenset(name.partition(".")[0] for name in names)


def digest(files: list[Path], *more: str) -> str:
    """Changes whenever one of the files does."""
    made = hashlib.sha256("\0".join(more).encode())
    for file in files:
        made.update(file.name.encode() + b"\0" + (file.read_bytes() if file.is_file() else b"") + b"\0")
    return made.hexdigest()[:16]


_loaded: dict[Path, tuple[str, ModuleType]] = {}


def load(file: Path, labs: Path) -> ModuleType:
    """The module in `file`, loaded anew when it, or a lab module that it imports, changed."""
    files = closure(file, labs)
    now = digest(files)
    if file in _loaded and _loaded[file][0] == now:
        return _loaded[file][1]
    for one in files:
        sys.modules.pop(one.stem if one.parent == labs else f"worked.{one.stem}", None)
    name = file.stem if file.parent == labs else f"worked.{file.stem}"
    spec = importlib.util.spec_from_file_location(name, file)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.path.insert(0, str(labs))
    sys.modules[name] = module  # dataclasses look there
    try:
        spec.loader.exec_module(module)
    except BaseException:
        sys.modules.pop(name, None)
        raise
    finally:
        sys.path.remove(str(labs))
    _loaded[file] = (now, module)
    return module


def depend(env: BuildEnvironment, files: list[Path]) -> None:
    """The page being read is to be read again when one of the files changes."""
    for file in files:
        env.note_dependency(str(file))


def listing(env: BuildEnvironment, folder: Path, pattern: str) -> list[Path]:
    """The files of a folder that fit; the page being read is to be read again when one comes, goes or changes."""
    files = sorted(folder.glob(pattern))
    depend(env, files)
    seen = env.metadata[env.docname].setdefault("listings", {})
    seen[folder.relative_to(env.srcdir).as_posix(), pattern] = [file.name for file in files]
    return files


def outdated(app: Sphinx, env: BuildEnvironment, added: set[str], changed: set[str], removed: set[str]) -> list[str]:
    """The pages that listed a folder which now holds other files."""
    seen = {name: meta.get("listings", {}) for name, meta in env.metadata.items() if name in env.found_docs}
    now = {
        place: sorted(file.name for file in Path(env.srcdir, place[0]).glob(place[1])) for one in seen.values() for place in one
    }
    return [name for name, one in seen.items() if any(now[place] != names for place, names in one.items())]


def notebook_cache(app: Sphinx) -> None:
    """Notebooks run again when a lab module or the lock changed: the cache itself looks at their cells only.

    The setting of that folder would make Sphinx read every page again; so it is changed behind the settings.
    """
    if not hasattr(app.env, "mystnb_config"):
        return
    root = Path(app.srcdir)
    folder = root.parent / "build" / ".jupyter_cache" / digest([*sorted((root / "labs").glob("*.py")), root.parent / LOCK])
    app.env.mystnb_config = app.env.mystnb_config.copy(execution_cache_path=str(folder))


def kernel(app: Sphinx) -> None:
    """Kernels find the lab modules, and nothing of the user's own settings; they do not remark on their transport."""
    root = Path(app.srcdir)
    own = root.parent / "build" / ".ipython"
    profile = own / "profile_default" / "ipython_kernel_config.py"
    if not profile.exists():
        profile.parent.mkdir(parents=True, exist_ok=True)
        profile.write_text('get_config().IPKernelApp.log_level = "ERROR"\n', "utf-8")
    os.environ["IPYTHONDIR"] = str(own)
    paths = [str(root / "labs"), str(root / "labs" / "worked"), *os.environ.get("PYTHONPATH", "").split(os.pathsep)]
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, dict.fromkeys(paths)))


def setup(app: Sphinx) -> dict[str, object]:
    for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(name, "1")  # the same sums on every machine, and no more cores than the build was given
    for name in ("fontTools", "traitlets"):
        logging.getLogger(name).setLevel(logging.WARNING)  # one of Sphinx's themes lets every library speak
    app.connect("builder-inited", notebook_cache, priority=900)  # after myst_nb has read its settings
    app.connect("builder-inited", kernel)
    app.connect("env-get-outdated", outdated)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
