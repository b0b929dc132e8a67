"""Where the files beside the code are: `content/`, `static/`, `templates/` and `app.py`.

In the project's folder they stand beside the package; an installed package has them inside.
"""

from __future__ import annotations

from pathlib import Path

_INSTALLED = Path(__file__).with_name("_files")
IS_INSTALLED = _INSTALLED.is_dir()

ROOT = _INSTALLED if IS_INSTALLED else Path(__file__).parent.parent
CONTENT = ROOT / "content"
