"""curl and jq on one case, as a shell program uses them."""

from __future__ import annotations

import json
import re
import subprocess

from tools.faults.cases import PATIENT, Case
from tools.process import run

# Prints text as it comes and the stop reason; fails on an error event and on an HTTP error.
# With `inputs`, because jq 1.6 does not keep halt_error's exit code on a later input of its own.
_FILTER = r"""
inputs
| (ltrimstr("data:") | fromjson?) as $e
| if   $e.type == "error"            then "\n\($e.error.type): \($e.error.message)\n" | halt_error(1)
  elif $e.delta.type == "text_delta" then $e.delta.text
  elif $e.type == "message_delta"
  then "\n[\($e.delta.stop_reason), \($e.usage.output_tokens) output tokens]\n"
  else empty end
"""
_BODY = {
    "model": "claude-opus-5-5",
    "max_tokens": 20_000,
    "stream": True,
    "messages": [{"role": "user", "content": "Hello"}],
}
# curl averages its speed, and is late.
_LIMIT = 1.0
_GUARD = 15.0
_OUT_OF_TIME = 28
_LAST_LINE = re.compile(r"\n\[[^]]* output tokens]\n\Z")
_TYPES = re.compile(r'^data: \{"type": ?"(\w+)"', re.MULTILINE)
_ERROR_TYPE = re.compile(r"^(\w+_error|request_too_large): ", re.MULTILINE)


def versions() -> dict[str, str]:
    """Those of curl and jq on the PATH."""
    curl = run(("curl", "--version"), seconds=20).output.split()[1]
    return {"curl": curl, "jq": run(("jq", "--version"), seconds=20).output.strip()}


def measure(url: str, key: str, case: Case) -> dict[str, object]:
    """The result for the case at this address, in the form of the SDKs' processes."""
    found: dict[str, object] = {"client": "curl", "fault": case.fault, "key": key}
    command = _command(f"{url}/v1/messages", key, case.limit if case.limit == PATIENT else _LIMIT)
    guard = case.guard if case.guard == PATIENT else _GUARD
    try:
        curl = subprocess.run(command, capture_output=True, timeout=guard, check=False)
    except subprocess.TimeoutExpired as error:
        return found | _told(error.stdout or b"", None, b"")
    return found | _told(curl.stdout, curl.returncode, curl.stderr)


def _command(url: str, key: str, limit: float) -> list[str]:
    return [
        *("curl", "-sSN", "--fail-with-body", "--connect-timeout", "10"),
        *("--speed-limit", "1", "--speed-time", f"{limit:g}", "-w", "%{stderr}%{http_code}"),
        *("-H", f"authorization: Bearer {key}", "-H", "anthropic-version: 2026-10-21"),
        *("-H", "content-type: application/json", "-d", json.dumps(_BODY), url),
    ]


def _told(stream: bytes, code: int | None, stderr: bytes) -> dict[str, object]:
    """`code` is curl's exit code; None: it was still waiting."""
    jq = subprocess.run(
        ["jq", "-Rnj", "--unbuffered", _FILTER], input=stream, capture_output=True, check=False
    )
    exits = [f"{name} {exit_}" for name, exit_ in (("curl", code), ("jq", jq.returncode)) if exit_]
    type_ = _ERROR_TYPE.search(jq.stderr.decode())
    status = re.search(r"[45]\d\d", stderr.decode()) if code == 22 else None
    return {
        "text": _LAST_LINE.sub("", jq.stdout.decode()),
        "seen": _TYPES.findall(stream.decode(errors="replace")),
        "raised": ", ".join(exits) or None,
        "cause": None,
        "status": int(status[0]) if status else None,
        "type": type_[1] if type_ else None,
        "printed": stderr.decode(),
        "time": {None: "hang", _OUT_OF_TIME: "limit"}.get(code, "quick"),
    }
