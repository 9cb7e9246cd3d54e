"""`benchtwin` with something changed in it: python patched.py CHANGE=VALUE ... -- WORDS ...

grace=SECONDS: a run that does not keep to its budget is ended by force so long after it, not three minutes.
report=no: the report of the study is not drawn, for haste.
"""

import runpy
import sys
from importlib import import_module

from studies.pool import conduct

if __name__ == "__main__":
    end = sys.argv.index("--")
    for change in sys.argv[1:end]:
        name, _, value = change.partition("=")
        if name == "grace":
            conduct.GRACE = float(value)
        elif name == "report":
            # Not by an import: to the rules of the rooms, the command stands beside us, not below.
            import_module("benchtwin.studying").report_of = lambda folder: None  # type: ignore[attr-defined]
        else:
            sys.exit(f"unknown: {change}")
    del sys.argv[1 : end + 1]
    runpy.run_module("benchtwin", run_name="__main__")
