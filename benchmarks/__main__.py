"""Run the benchmarks and write their tables to stdout."""

from __future__ import annotations

import os
import platform
import sys
from importlib.metadata import version

from benchmarks import analyses, app, batch, first_load, import_time, limits, posterior, table_size

PARTS = {
    "import": import_time.run,
    "posterior": posterior.run,
    "batch": batch.run,
    "limits": limits.run,
    "analyses": analyses.run,
    "app": app.run,
    "first": first_load.run,
    "table": table_size.run,
}
LARGE = "--large"  # ten million rows too, in "table"


def main(names: list[str]) -> int:
    """Run the parts named, or all; return 2 for a name that is none."""
    large = LARGE in names
    names = [name for name in names if name != LARGE]
    unknown = [name for name in names if name not in PARTS]
    if unknown:
        print(f"Benchmark: expected {', '.join(PARTS)}, got {unknown[0]!r}.", file=sys.stderr)
        return 2
    versions = ", ".join(f"{package} {version(package)}" for package in ("numpy", "pandas", "pgmpy", "pyagrum"))
    print(f"Python {platform.python_version()}, {versions}, {os.cpu_count()} processors")
    for name in names or PARTS:
        print(table_size.run(large) if name == "table" else PARTS[name](), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
