"""In the child process: load the student's file, try the properties, write each with its outcome to the results file."""

import importlib.util
import json
import sys
from pathlib import Path
from types import ModuleType
from typing import TextIO


def load(path: str, name: str) -> ModuleType:
    """The module in a file."""
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise ImportError(f"{path} is no Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def say(results: TextIO, **line: object) -> None:
    """Write a line at once: the next property may end the process."""
    results.write(json.dumps(line) + "\n")
    results.flush()


def main(labs: str, check: str, file: str, written: str) -> None:
    """Try all properties."""
    sys.path[:1] = [labs, str(Path(check).parent)]
    with Path(written).open("w", encoding="utf-8") as results:
        try:
            for name, holds in load(check, "check").check(load(file, "student")):
                say(results, property=name, holds=bool(holds))
            say(results, end=True)
        except NotImplementedError:
            say(results, stopped="a hole is not filled yet (NotImplementedError)")
        except MemoryError:
            say(results, stopped="used too much memory")
        except BaseException as error:  # also SystemExit: whatever the student's code does
            say(results, stopped=f"{type(error).__name__}: {error}{_where(error, file)}")


def _where(error: BaseException, file: str) -> str:
    """The last line of the student's file that the error came through."""
    line, trace = 0, error.__traceback__
    while trace:
        line = trace.tb_lineno if trace.tb_frame.f_code.co_filename == file else line
        trace = trace.tb_next
    return f" (line {line})" if line else ""


if __name__ == "__main__":
    main(*sys.argv[1:])
