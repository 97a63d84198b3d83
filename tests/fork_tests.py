"""A process that has NumPy and pytest loaded and runs tests in copies of itself: one line in ("folder<TAB>test ..."), one out.

The line out is the exit status of pytest; what it said stands in folder/said.
"""

import importlib
import os
import signal
import sys

SECONDS = 120


def child(folder: str, tests: list[str]) -> None:
    """Run the tests in `folder`; does not return."""
    said = os.open(os.path.join(folder, "said"), os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.dup2(said, 1)
    os.dup2(said, 2)
    os.chdir(folder)
    signal.alarm(SECONDS)
    import pytest

    status = pytest.main(["-x", "-q", "-p", "no:cacheprovider", *tests])
    sys.stdout.flush()
    os._exit(int(status))


def main() -> None:
    """Serve until the input ends."""
    sys.dont_write_bytecode = True
    for name in ("pytest", "numpy", "autograd", "autograd.numpy", "hypothesis"):
        try:
            importlib.import_module(name)
        except ImportError:
            continue
    for line in sys.stdin:
        folder, tests = line.rstrip("\n").split("\t")
        number = os.fork()
        if not number:
            try:
                child(folder, tests.split(" "))
            finally:
                os._exit(99)
        _, ended = os.waitpid(number, 0)
        sys.stdout.write(f"{os.waitstatus_to_exitcode(ended)}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
