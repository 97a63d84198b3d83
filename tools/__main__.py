import gc
import sys

from tools.cli import main

gc.disable()  # a run makes many objects and almost no cycles: collecting them costs half of a large build
sys.exit(main())
