"""Live mode over HTTP: `POST /live/messages`, and `/metrics`."""

from __future__ import annotations

import hmac
import json
import secrets
from collections.abc import Iterable
from typing import TYPE_CHECKING

from flask import Blueprint, Response, request

from streamguide.connection import socket_of
from streamguide.content import Today
from streamguide.protocol.refusal import Refusal, envelope, invalid
from streamguide.settings import Settings
from streamguide.turns import Turns
from streamguide.web.bodies import read_large_body
from streamguide.web.rates import address, is_this_machine
from streamguide.web.stream_body import StreamBody
from streamguide.web.visitor import (
    allowed_hosts,
    check_host,
    check_origin,
    is_in,
    visitor_of,
)

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

    from streamguide.live.stream import Stream

# A character has at most 12 bytes in JSON (two \\u escapes); the rest of a request is short.
_BYTES_A_CHARACTER = 12
_BYTES_BESIDE = 65_536
_STREAM_HEADERS = {
    "content-type": "text/event-stream; charset=utf-8",
    # A proxy must not buffer, change or store it.
    "cache-control": "no-store, no-transform",
    "x-accel-buffering": "no",
}


def blueprint(settings: Settings, today: Today, turns: Turns) -> Blueprint:
    """The routes. Without a key they respond that live mode is off."""
    views = Blueprint("live", __name__)
    served = _LiveMode(settings, today, turns) if settings.live else None

    views.register_error_handler(Refusal, _refused)

    @views.post("/live/messages")
    def messages() -> Response:
        if served is None:
            raise _off()
        return served.stream()

    @views.route("/live/v1/<path:path>", methods=["GET", "POST"])
    def for_programs(path: str) -> Response:
        raise Refusal(
            404,
            "not_found_error",
            "Live mode is for this site's own page. For programs there is the simulator: "
            f"{settings.site_url}/simulator as their base URL.",
        )

    @views.get("/metrics")
    def metrics() -> Response:
        if served is None:
            raise _off()
        return served.metrics()

    views.record(lambda state: state.app.extensions.update(live=served and served.relay))
    return views


class Relayed(Response):
    """A response that sends a stream."""

    def __init__(self, stream: Stream) -> None:
        headers = {**_STREAM_HEADERS, "request-id": stream.record.request_id}
        frames = StreamBody(stream.frames(), stream.close)
        super().__init__(frames, 200, headers, direct_passthrough=True)
        self._stream = stream

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        try:
            return super().__call__(environ, start_response)
        except BaseException:
            # The server got no iterable that it would close.
            self._stream.close()
            raise


class _LiveMode:
    """The relay, and the checks before it."""

    def __init__(self, settings: Settings, today: Today, turns: Turns) -> None:
        # Importing the SDK takes seconds, so a site without live mode does not import it.
        from streamguide.live.metrics import LOG
        from streamguide.live.relay import Relay
        from streamguide.live.stores import Unavailable

        assert settings.live is not None
        self._settings = settings
        self._live = settings.live
        self._turns = turns
        self._hosts = allowed_hosts(settings)
        self.relay = Relay(settings.live, lambda: today().models, today().table.errors)
        try:
            self.relay.limits.reach()
        except Unavailable as error:
            LOG.warning("REDIS_URL: %s. Until limits can be counted, live mode refuses.", error)
        models = today().models
        for id_ in settings.live.models:
            if ending := models.ending(models.by_id[id_]):
                LOG.warning("LIVE_MODELS names %s. %s", id_, ending)
        if not settings.is_local and not settings.live.access_code:
            LOG.warning(
                "Live mode is open to everybody who can reach %s, up to $%g a day. "
                "LIVE_ACCESS_CODE lets in only those who know it.",
                settings.site_url,
                settings.live.dollars_per_day,
            )

    def stream(self) -> Response:
        """Claude's answer as it is received. Raises Refusal."""
        self._check_process()
        check_origin(request.host, dict(request.headers), self._hosts)
        if request.mimetype != "application/json":
            raise invalid("content-type: live mode takes application/json")
        visitor = visitor_of(address(self._settings))
        self._check_code(visitor)
        # Before the body, because reading and checking it takes time even if it is refused.
        self.relay.count(visitor)
        most = self._live.prompt_characters * _BYTES_A_CHARACTER + _BYTES_BESIDE
        message = f"The request has over {most:,} bytes."
        body = read_large_body(most, Refusal(413, "request_too_large", message))
        turn = self._turns.take(len(body))
        return Relayed(self.relay.open(body, visitor, socket_of(request.environ), turn))

    def metrics(self) -> Response:
        """Prometheus text, for this machine and METRICS_FROM. Raises Refusal."""
        check_host(request.host, self._hosts)
        settings = self._settings
        if not is_this_machine(settings) and not is_in(address(settings), settings.metrics_from):
            raise Refusal(403, "permission_error", "Metrics are for this machine only.")
        metrics = self.relay.metrics
        return Response(metrics.text(), content_type=metrics.CONTENT_TYPE)

    def _check_process(self) -> None:
        """Raises Refusal if several processes would count their limits in memory."""
        if request.environ.get("wsgi.multiprocess") and not self._live.redis_url:
            raise Refusal(
                503,
                "api_error",
                "Live mode in several processes needs REDIS_URL.",
                details={"error_code": "limits_unavailable"},
            )

    def _check_code(self, visitor: str) -> None:
        wanted = self._live.access_code.get_secret_value()
        if not wanted:
            return
        got = request.headers.get("X-Access-Code", "")
        if hmac.compare_digest(got.encode(), wanted.encode()):
            self.relay.check_tries(visitor)
            return
        if got:
            self.relay.wrong_try(visitor)
        raise Refusal(
            401,
            "authentication_error",
            "This access code is wrong." if got else "Live mode asks for an access code here.",
            details={"error_code": "access_code"},
        )


def _off() -> Refusal:
    return Refusal(
        404,
        "not_found_error",
        "Live mode is off: the site was started without ANTHROPIC_API_KEY.",
        details={"error_code": "live_off"},
    )


def _refused(refusal: Refusal) -> Response:
    # Claude's own id if there is one: Anthropic's logs do not have ours.
    request_id = refusal.headers.get("request-id") or f"live_{secrets.token_hex(8)}"
    body = json.dumps(envelope(refusal, request_id), ensure_ascii=False)
    headers = {**refusal.headers, "request-id": request_id, "cache-control": "no-store"}
    return Response(body, refusal.status, headers, content_type="application/json")
