"""Runs a student's file against the properties of an exercise, in a child process with limits.

The limits stop endless loops, runaway memory and floods of output; they are no security boundary. The file runs as you, with
your files and your network: grade only what you would also run by hand, or grade in a container.
"""

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

NOT_SAFE = "The limits stop accidents; they are no security boundary: the file runs as you."


@dataclass(frozen=True)
class Limits:
    """What a child may use."""

    cpu: int = 20  # seconds
    memory: int = 1_500_000_000  # bytes of address space
    output: int = 200_000  # bytes it may write to any file, printed output too
    wall: float = 60.0  # seconds until its whole process group ends


@dataclass(frozen=True)
class Grade:
    """Properties with whether they hold, in order; what stopped the run, if anything; what was printed, cut."""

    properties: tuple[tuple[str, bool], ...]
    stopped: str = ""
    printed: str = ""

    @property
    def passed(self) -> bool:
        """Whether all properties were tried and hold."""
        return not self.stopped and bool(self.properties) and all(holds for _, holds in self.properties)

    def __str__(self) -> str:
        lines = [f"{'holds' if holds else 'FAILS'}: {name}" for name, holds in self.properties]
        lines += [f"stopped: {self.stopped}"] if self.stopped else []
        held = sum(holds for _, holds in self.properties)
        return "\n".join([*lines, f"{held} of {len(self.properties)} properties hold"])


def grade(root: Path, exercise: str, file: Path, limits: Limits | None = None) -> Grade:
    """The grade of `file` in the exercise `CHAPTER/NAME`; ValueError when there is no such exercise or file."""
    check = root / "docs" / "exercises" / f"{exercise}_check.py"
    if not check.is_file():
        known = sorted((root / "docs" / "exercises").rglob("*_check.py"))
        names = ", ".join(f"{path.parent.name}/{path.stem.removesuffix('_check')}" for path in known)
        raise ValueError(f"no exercise in code is called {exercise}; there are: {names or 'none'}")
    if not file.is_file():
        raise ValueError(f"{file} is no file")
    return _run(root, check.resolve(), file.resolve(), limits or Limits())


def _run(root: Path, check: Path, file: Path, limits: Limits) -> Grade:
    with tempfile.TemporaryDirectory() as folder:
        results, printed = Path(folder, "results"), Path(folder, "printed")
        command = [sys.executable, "-B", "-X", "utf8", str(Path(__file__).with_name("child.py"))]
        command += [str(root / "docs" / "labs"), str(check), str(file), str(results)]
        quiet = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")
        with printed.open("wb") as out:
            child = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                cwd=folder,
                env=os.environ | quiet | {"MPLBACKEND": "agg", "TMPDIR": folder},
                start_new_session=True,
                preexec_fn=_limit(limits) if os.name == "posix" else None,  # noqa: PLW1509  # the press has one thread
            )
            try:
                code, late = child.wait(limits.wall), False
            except subprocess.TimeoutExpired:
                code, late = -1, True
            finally:
                _end(child)
        said = printed.read_bytes()[: limits.output].decode("utf-8", "replace")
        lines = results.read_text("utf-8").splitlines() if results.exists() else []
    return _grade(lines, code, late, said, limits)


def _grade(lines: list[str], code: int, late: bool, said: str, limits: Limits) -> Grade:
    """What the child wrote, and why it ended."""
    properties, stopped, whole = [], "", False
    for line in lines:
        with suppress(ValueError):
            one = json.loads(line)
            if "property" in one:
                properties.append((str(one["property"]), bool(one["holds"])))
            stopped = str(one.get("stopped", stopped))
            whole = whole or "end" in one
    if late:
        stopped = f"took more than {limits.wall:g} seconds"
    elif not whole and not stopped:
        why = {
            getattr(signal, "SIGXCPU", 0): f"used more than {limits.cpu} seconds of the processor",
            getattr(signal, "SIGXFSZ", 0): f"wrote more than {limits.output} bytes",
            getattr(signal, "SIGKILL", 0): f"used more than {limits.cpu} seconds of the processor, or too much memory",
        }
        stopped = why.get(-code, f"the process ended with status {code} before all properties were tried")
    return Grade(tuple(properties), stopped, said)


def _limit(limits: Limits) -> Callable[[], None]:
    import resource

    def apply() -> None:
        for what, most in (
            (resource.RLIMIT_CPU, limits.cpu),
            (resource.RLIMIT_AS, limits.memory),
            (resource.RLIMIT_FSIZE, limits.output),
            (resource.RLIMIT_CORE, 0),
        ):
            with suppress(ValueError, OSError):  # a lower limit that already holds stays
                resource.setrlimit(what, (most, most + (what == resource.RLIMIT_CPU)))

    return apply


def _end(child: subprocess.Popen[bytes]) -> None:
    """End the child and whatever it started."""
    with suppress(ProcessLookupError, PermissionError):
        if os.name == "posix":
            os.killpg(child.pid, signal.SIGKILL)
        else:
            child.kill()
    child.wait()
