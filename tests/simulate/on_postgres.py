"""make simulate ENGINE=postgres: `qbconsole sandbox simulate` with its databases on a private PostgreSQL server."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from postgres import Missing, private_postgres


def main() -> int:
    """The command's own exit status; 1 where there can be no server."""
    command = [str(Path(sys.executable).with_name("qbconsole")), *sys.argv[1:]]
    try:
        with private_postgres() as url:
            return subprocess.run([*command, "--server", url], check=False).returncode
    except Missing as why:
        sys.stderr.write(f"NOT SIMULATED ON POSTGRESQL: {why}\n")
        return 1


if __name__ == "__main__":
    raise SystemExit(main())
