"""Long-lived interpreters: a literal goes in, what the language makes of it comes out.

A text comes as it is, any other value as JSON.
"""

from __future__ import annotations

import base64
import subprocess
import sys
from types import TracebackType

from tools import nodejs

_PYTHON = """
import ast, base64, json, sys
for line in sys.stdin:
    value = ast.literal_eval(base64.b64decode(line).decode())
    text = value if isinstance(value, str) else json.dumps(value)
    print(base64.b64encode(text.encode()).decode(), flush=True)
"""
_JAVASCRIPT = """
const lines = require("node:readline").createInterface({ input: process.stdin });
lines.on("line", (line) => {
  const source = Buffer.from(line, "base64").toString();
  const value = new Function(`"use strict"; return ${source}`)();
  const text = typeof value === "string" ? value : JSON.stringify(value);
  console.log(Buffer.from(text).toString("base64"));
});
"""
_BASH = """
while IFS= read -r line; do
  eval "text=$(base64 -d <<<"$line"; echo x)"
  printf %s "${text%x}" | base64 -w0
  echo
done
"""


class Interpreter:
    """Evaluates literals of a language, one after another in one process."""

    def __init__(self, language: str) -> None:
        commands = {
            "python": [sys.executable, "-c", _PYTHON],
            "javascript": [str(nodejs.find()), "-e", _JAVASCRIPT],
            "bash": ["bash", "-c", _BASH],
        }
        self._process = subprocess.Popen(
            commands[language],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={"LANG": "C.UTF-8", "PATH": "/usr/bin:/bin"},
            text=True,
        )

    def __enter__(self) -> Interpreter:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._process.communicate()

    def evaluate(self, literal: str) -> str:
        """The text that the literal stands for, or the JSON of its value."""
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.write(base64.b64encode(literal.encode()).decode() + "\n")
        self._process.stdin.flush()
        return base64.b64decode(self._process.stdout.readline()).decode()
