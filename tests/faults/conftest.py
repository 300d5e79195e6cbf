"""What the proofs share. Tests are no package, so that their own modules have to be put within reach."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
