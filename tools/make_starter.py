"""Write the starter sources from their authored content: `python tools/make_starter.py [--check]`."""

from __future__ import annotations

import sys
from pathlib import Path

# Run as a script, Python puts tools/ on the path and not the project that it is a package of.
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tools.starter.command import main

if __name__ == "__main__":
    sys.exit(main())
