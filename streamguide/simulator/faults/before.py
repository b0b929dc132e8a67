"""Faults before the stream: another status, another body, or nothing at all."""

from __future__ import annotations

from dataclasses import replace

from streamguide.protocol.refusal import Refusal, invalid
from streamguide.scenarios.frames import Frame
from streamguide.simulator.faults.parameters import Parameter
from streamguide.simulator.faults.stage import FaultContext, Faults, message_of
from streamguide.simulator.plan import JSON, Plan, refusal_plan, to_json

FAULTS = Faults()

_STATUSES = ("400", "401", "402", "403", "404", "408", "409", "413", "429", "500", "504", "529")
_ERROR_CODES = (
    "enforced_spend_limit_reached",
    "contract_spend_limit_reached",
    "ramp_limit_exceeded",
)
# The statuses of proxies in front of the API, with their reason phrases. Those from 520 on are
# Cloudflare's own.
_OF_PROXIES = {
    "502": "Bad Gateway",
    "503": "Service Unavailable",
    "520": "Web Server Returned an Unknown Error",
    "522": "Connection Timed Out",
    "524": "A Timeout Occurred",
}
# The API's own words, by its documentation on preserved thinking.
_BOUND_ELSEWHERE = (
    "messages.1.content.0: Invalid `signature` in `thinking` block. The block is bound to a "
    "different conversation. Remove the block, or set "
    '`thinking.block_binding.prefix_mismatch_behavior` to "drop_block".'
)
_PROXY_PAGE = b"""<!doctype html>
<html><head><title>Sign in</title></head>
<body><h1>Sign in to the network</h1><p>Your session has ended.</p></body></html>
"""
_ERROR_PAGE = """<!doctype html>
<html><head><title>{title}</title></head>
<body><h1>{title}</h1><p>The server behind this one did not answer as expected.</p></body></html>
"""


def _status_parameters(code: str) -> tuple[Parameter, ...]:
    return (
        Parameter("code", "The HTTP status.", code, choices=_STATUSES),
        Parameter(
            "retry-after",
            "The header, in seconds; a 429 that waiting helps against has it by default.",
            low=0,
            high=3600,
            whole=False,
        ),
        Parameter(
            "x-should-retry", "The header that overrides the SDKs.", choices=("true", "false")
        ),
        Parameter("error_code", "`details.error_code` of the error.", choices=_ERROR_CODES),
    )


@FAULTS.add(
    "status-then-ok",
    "Refused twice, then fine",
    "The first two requests get an HTTP error, the next one is answered.",
    "A short overload, a rate limit.",
    *_status_parameters("529"),
    moment="before",
    should="wait, try again, and show the whole answer.",
    remedy="/guide/errors#retries",
    times=2,
)
@FAULTS.add(
    "status",
    "An HTTP error",
    "The request is refused with this status and the API's error envelope; no stream begins.",
    "Bad requests, limits, an overloaded service.",
    *_status_parameters("529"),
    moment="before",
    should="wait and try again where that helps, and say what is wrong where it does not.",
    remedy="/guide/errors#retries",
)
def _status(plan: Plan, context: FaultContext) -> Plan:
    values = context.values
    status = int(values["code"])
    headers = {}
    wait = values["retry-after"]
    # Waiting helps against no limit of spending, so these come without retry-after.
    if wait is None and status == 429 and values["error_code"] not in context.table.never_retried:
        wait = 1
    if wait is not None:
        headers["retry-after"] = f"{wait:.3f}".rstrip("0").rstrip(".")
    if values["x-should-retry"] is not None:
        headers["x-should-retry"] = values["x-should-retry"]
    error = next((one for one in context.table.errors.values() if one.status == status), None)
    if error is None:
        # 408: the API has no error of this status. It comes from something in between.
        text = {"content-type": "text/plain; charset=utf-8"}
        return Plan((Frame(0, b"Request Timeout\n"),), status, text | headers)
    details = {"error_code": values["error_code"]} if values["error_code"] else None
    refusal = Refusal(status, error.name, error.message, details=details, headers=headers)
    return refusal_plan(refusal, context.answer.request_id)


@FAULTS.add(
    "proxy-error",
    "A proxy's HTTP error",
    "A proxy in front of the API refuses the request with an HTML page: there is no error envelope.",
    "An outage behind a gateway; an answer for which a proxy did not want to wait.",
    Parameter("code", "The HTTP status.", "502", choices=tuple(_OF_PROXIES)),
    moment="before",
    should="wait and try again, and show the status instead of the page.",
    remedy="/guide/errors#retries",
)
def _proxy_error(plan: Plan, context: FaultContext) -> Plan:
    code = context.values["code"]
    title = f"{code} {_OF_PROXIES[code]}"
    page = _ERROR_PAGE.format(title=title).encode()
    return Plan((Frame(0, page),), int(code), {"content-type": "text/html; charset=utf-8"})


@FAULTS.add(
    "prefix-check",
    "Thinking of a changed conversation",
    "The request is refused with a 400: what stands before a thinking block is not what stood "
    "there when the block was made. Sent again as it is, the request fails again.",
    "A date in the system prompt, a trimmed history, tools that change between turns.",
    moment="before",
    should="only ever add to a conversation, and not send the refused request again.",
    remedy="/guide/blocks#prefix-checks",
)
def _prefix_check(plan: Plan, context: FaultContext) -> Plan:
    return refusal_plan(invalid(_BOUND_ELSEWHERE), context.answer.request_id)


@FAULTS.add(
    "no-response",
    "The connection closes unanswered",
    "The request is read, and the connection closed without a status line.",
    "A proxy or a load balancer that restarts.",
    Parameter(
        "how",
        "Closed in good order, or by a TCP reset.",
        "close",
        choices=("close", "reset"),
    ),
    moment="before",
    should="try again: nothing was shown yet.",
    remedy="/guide/errors#retries",
)
def _no_response(plan: Plan, context: FaultContext) -> Plan:
    return replace(plan, frames=(), end="reset" if context.values["how"] == "reset" else "drop")


@FAULTS.add(
    "not-sse",
    "Something else than a stream",
    "HTTP 200 with the finished message as JSON, or with the HTML page of a proxy.",
    "A proxy that collects the answer; a network that wants you to sign in.",
    Parameter("how", "What comes.", "json", choices=("json", "html")),
    moment="before",
    should="check the content type, and say that the answer is no stream.",
    remedy="/guide/stream#headers",
    in_stream=True,
)
def _not_sse(plan: Plan, context: FaultContext) -> Plan:
    if context.values["how"] == "html":
        page = {"content-type": "text/html; charset=utf-8"}
        return Plan((Frame(0, _PROXY_PAGE),), headers=page)
    # What collects a stream has it when it ends.
    body = to_json(message_of(context.answer))
    return Plan((Frame(plan.frames[-1].at, body),), headers=dict(JSON))


@FAULTS.add(
    "empty-body",
    "Headers and nothing more",
    "HTTP 200, the headers of a stream, and a body that ends before its first byte.",
    "A relay that lost its upstream.",
    moment="before",
    should="say that no answer came, and try again.",
    remedy="/guide/errors#inside",
    in_stream=True,
)
def _empty(plan: Plan, context: FaultContext) -> Plan:
    return replace(plan, frames=())
