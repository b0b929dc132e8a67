"""The simulator over HTTP: the endpoint under `/simulator/…/v1/`, its index and its journal."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import partial

from flask import Blueprint, Response, abort, request

from streamguide.connection import Wait, socket_of
from streamguide.library import Daily, Library
from streamguide.protocol.refusal import Refusal, invalid
from streamguide.settings import Settings
from streamguide.simulator import catalog, keys
from streamguide.simulator.answers import MOST_LOCAL_BYTES, SHARED_KEYS
from streamguide.simulator.endpoint import Endpoint, Seeds, Target
from streamguide.simulator.headers import RATE_LIMITS, new_request_id, response_headers
from streamguide.simulator.journal import Entry, Journal, hashed
from streamguide.simulator.outcomes import dumps
from streamguide.simulator.own_files import OwnFiles
from streamguide.simulator.plan import Plan, refusal_plan, to_json
from streamguide.simulator.play import RawWriter, play
from streamguide.simulator.request import MOST_BYTES, check_headers, key_of, too_large
from streamguide.simulator.verdicts import (
    MOST_SILENCE_SECONDS,
    SILENCE_SECONDS,
    ClientReport,
    observe,
    verdicts_on,
)
from streamguide.turns import Left, Pause, Turns
from streamguide.validation import validate
from streamguide.web.bodies import MOST_BYTES as MOST_BODY_BYTES
from streamguide.web.bodies import LargeBodies, read_body, read_large_body
from streamguide.web.rates import Places, address
from streamguide.web.response_cache import ResponseCache, precompress
from streamguide.web.stream_body import StreamBody
from streamguide.web.visitor import FORWARDED, allowed_hosts, check_host, visitor_of

# Each stream has a greenlet and a socket. More of them would reach limits of the system.
MOST_STREAMS = 4000
_STREAMS_RETRY_SECONDS = "5"
_MOST_ASKED = 2000
_MOST_ECHOED = 100
_SECONDS = re.compile(r"[0-9]{1,4}(\.[0-9]{1,3})?", re.ASCII)
_NAMES = re.compile(r"[\w!#$%&'*+.^`|~, -]*", re.ASCII)
_EVERY_METHOD = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]
# The endpoints that check the size of a body themselves.
LARGE_BODIES = frozenset({"simulator.answer", "simulator.answers"})
CORS = {
    "access-control-allow-origin": "*",
    "access-control-expose-headers": "*, request-id, retry-after",
}


def blueprint(
    settings: Settings,
    today: Daily[Library],
    wait: Wait,
    seeds: Seeds,
    turns: Turns,
    own: OwnFiles,
) -> Blueprint:
    """The routes. `wait` delays a stream, and returns whether its client is still connected."""
    views = Blueprint("simulator", __name__, url_prefix="/simulator")
    library = today()
    scenarios = {**library.scenarios, **own.scenarios}
    endpoint = Endpoint(
        library.table,
        lambda: today().models,
        scenarios,
        library.recordings,
        seeds,
        own.recordings,
    )
    served = _Simulator(endpoint, Journal(), settings, wait, turns)
    cache = ResponseCache(today)

    views.register_error_handler(Refusal, _refused)

    @views.get("/index.json")
    def index() -> Response:
        return cache.serve(
            "index",
            lambda: precompress(
                to_json(catalog.index(scenarios, own.recordings)), "application/json"
            ),
        )

    @views.get("/outcomes.json")
    def outcomes() -> Response:
        return cache.serve(
            "outcomes", lambda: precompress(dumps(library.outcomes), "application/json")
        )

    views.get("/key.json")(served.new_key)
    views.get("/journal.json")(served.requests)
    views.get("/verdicts.json")(served.verdicts)
    # OPTIONS of any path is a preflight.
    route = partial(views.route, provide_automatic_options=False)
    route("/outcome", methods=["POST"])(served.outcome)
    route("/answers", methods=["PUT", "DELETE"])(served.answers)
    route("/<path:path>", methods=_EVERY_METHOD)(served.answer)
    route("/<path:path>", methods=["OPTIONS"])(_preflight)
    return views


class _Simulator:
    """The endpoint, and the state of its process: journal, open streams, limits."""

    def __init__(
        self,
        endpoint: Endpoint,
        journal: Journal,
        settings: Settings,
        wait: Wait,
        turns: Turns,
    ) -> None:
        self._endpoint = endpoint
        self._journal = journal
        self._settings = settings
        self._local = settings.is_local
        self._places = Places()
        self._bodies = LargeBodies()
        self._turns = turns
        self._hosts = allowed_hosts(settings)
        self._wait = wait
        self._open = 0

    def new_key(self) -> Response:
        """A key whose requests' bodies the journal keeps. Raises Refusal."""
        check_host(request.host, self._hosts)
        return _no_store(to_json({"key": keys.issue()}))

    def requests(self) -> Response:
        """The journal of the key in the request's header. Raises Refusal."""
        found = [entry.as_json() for entry in self._requests("The journal")]
        if request.args.get("bodies") == "0":
            # The page polls without bodies, which may be long.
            found = [{**one, "body": None} for one in found]
        with self._turns.take() as pause:
            written = []
            for one in found:
                written.append(to_json(one))
                pause()
            return _no_store(b'{"requests":[%s]}' % b",".join(written))

    def verdicts(self) -> Response:
        """Verdicts on the client of the key in the request's header. Raises Refusal."""
        found = self._requests("A verdict")
        text = request.args.get("silence", str(SILENCE_SECONDS))
        if not _SECONDS.fullmatch(text) or not 0 < float(text) <= MOST_SILENCE_SECONDS:
            raise invalid(f"silence: seconds, above 0 and at most {MOST_SILENCE_SECONDS}")
        with self._turns.take():
            judged = [one.as_json() for one in verdicts_on(found, float(text))]
        return _no_store(to_json({"requests": len(found), "verdicts": judged}))

    def outcome(self) -> Response:
        """Note what a client made of an answer, which is the key's last without a request id.

        Raises Refusal.
        """
        found = self._requests("An outcome")
        said = validate(ClientReport, read_body())
        id_ = said.request_id
        about = [entry for entry in found if id_ in (None, entry.request_id)]
        if not about:
            which = "no request" if id_ is None else f"no request {id_[:_MOST_ECHOED]!r}"
            raise Refusal(404, "not_found_error", f"The journal has {which} of this key.")
        about[-1].evidence.claimed = said.complete
        return _no_store(to_json({"request_id": about[-1].request_id, "complete": said.complete}))

    def answers(self) -> Response:
        """Put or delete the answers of the key in the request's header. Raises Refusal."""
        check_host(request.host, self._hosts)
        key = key_of(_sent_headers())
        if key in SHARED_KEYS:
            message = (
                f"Many people use the key {key!r}: choose another one for answers of your own."
            )
            raise Refusal(403, "permission_error", message)
        one_process("An answer of your own")
        if request.method == "DELETE":
            self._endpoint.forget_answers(hashed(key))
            return _no_store(to_json({"answers": 0}))
        most = MOST_LOCAL_BYTES if self._is_private() else MOST_BODY_BYTES
        message = f"Answers take up to {most:,} bytes."
        body = read_large_body(most, Refusal(413, "request_too_large", message))
        with self._turns.take(len(body)):
            return _no_store(to_json({"answers": self._endpoint.put_answers(hashed(key), body)}))

    def _requests(self, what: str) -> list[Entry]:
        """The requests of the key in the request's header. Raises Refusal."""
        check_host(request.host, self._hosts)
        key = key_of(_sent_headers())
        one_process(what)
        return self._journal.requests(key)

    def answer(self, path: str) -> Response:
        """The response to a request, which counts as open before its body is read."""
        self._open += 1
        held: dict[str, int] = {}
        try:
            plan, request_id, entry = self._planned(path, held)
            body = self._play(plan, request_id, entry, held)
        except BaseException:
            self._closed(held)
            raise
        return Response(body, plan.status, _headers(plan, request_id), direct_passthrough=True)

    def _closed(self, held: Mapping[str, int]) -> None:
        self._open -= 1
        self._places.give_back(held)

    def _hold(self, key: str, held: dict[str, int]) -> None:
        """Take a place of the visitor, and one of an issued key. Raises Refusal."""
        if self._local:
            return
        most = {visitor_of(address(self._settings)): self._settings.visitor_streams}
        if keys.is_issued(key):
            # Many people share other keys, such as that of the examples.
            most[f"key {hashed(key)}"] = self._settings.key_streams
        full = self._places.take(most)
        if full is not None:
            whose = "with this key" if full.startswith("key ") else "by your address"
            message = f"As many streams are held open {whose} as may be ({most[full]})."
            headers = {"retry-after": _STREAMS_RETRY_SECONDS}
            raise Refusal(429, "rate_limit_error", message, headers=headers)
        held.update(most)

    def _planned(self, path: str, held: dict[str, int]) -> tuple[Plan, str, Entry | None]:
        request_id = new_request_id()
        entry: Entry | None = None
        try:
            if self._open > MOST_STREAMS:
                message = f"The simulator holds {MOST_STREAMS} streams, which is all it can."
                raise Refusal(529, "overloaded_error", message)
            headers = _sent_headers()
            key = key_of(headers)
            self._hold(key, held)
            with self._bodies.place():
                body = read_large_body(MOST_BYTES, too_large())
                entry = self._journal.arrive(
                    key,
                    request.method,
                    request.path,
                    headers,
                    body,
                    keep_body=self._is_private() or keys.is_issued(key),
                )
                target = self._endpoint.target(request.method, path)
                check_headers(headers)
                with self._turns.take(len(body)) as pause:
                    plan, request_id = self._plan(target, key, headers, body, request_id, pause)
        except Refusal as refusal:
            plan = refusal_plan(refusal, request_id)
        except Left:
            if entry is not None:
                entry.end("left")
            raise
        return plan, request_id, entry

    def _plan(
        self,
        target: Target,
        key: str,
        headers: dict[str, str],
        body: bytes,
        request_id: str,
        pause: Pause,
    ) -> tuple[Plan, str]:
        if target.api == "messages":
            return self._endpoint.answer(
                target, headers, body, lambda asked: self._count(key, asked), pause, hashed(key)
            )
        if target.api == "messages/count_tokens":
            return self._endpoint.count_tokens(headers, body, pause), request_id
        return self._endpoint.models(target.api, request.args), request_id

    def _is_private(self) -> bool:
        """Whether this machine itself sent the request."""
        return self._local and not any(name in request.headers for name in FORWARDED)

    def _count(self, key: str, asked: str) -> int:
        one_process("A fault that counts requests")
        return self._journal.count(key, f"{request.path} {asked}")

    def _play(
        self, plan: Plan, request_id: str, entry: Entry | None, held: Mapping[str, int]
    ) -> StreamBody:
        """The body of the response, which frees its places at its end."""
        if entry is None:
            return StreamBody(iter([_joined(plan)]), partial(self._closed, held))
        entry.status, entry.request_id = plan.status, request_id
        observe(entry, plan, self._endpoint.never_retried)
        connection = socket_of(request.environ)
        raw = None
        is_raw = plan.framing != "chunked" or plan.head_first or plan.informational
        if is_raw and plan.frames and connection is not None:
            raw = RawWriter(connection, plan, _headers(plan, request_id))
        frames = play(plan, entry, self._wait, connection, raw=raw)

        def closed() -> None:
            # For a client that closed the connection before the first byte.
            entry.end("left")
            self._closed(held)

        return StreamBody(frames, closed)


def _refused(refusal: Refusal) -> Response:
    request_id = new_request_id()
    plan = refusal_plan(refusal, request_id)
    return Response(_joined(plan), plan.status, _headers(plan, request_id))


def _joined(plan: Plan) -> bytes:
    return b"".join(frame.data for frame in plan.frames)


def _sent_headers() -> dict[str, str]:
    return {name.lower(): value for name, value in request.headers}


def one_process(what: str) -> None:
    """Raises Refusal if several processes would need the state of a single one."""
    if request.environ.get("wsgi.multiprocess"):
        raise Refusal(
            503,
            "api_error",
            f"{what} needs a single process, and this site runs in several: start the simulator "
            "by itself, with WEB_CONCURRENCY=1, as /guide/hosting#others says.",
        )


def _headers(plan: Plan, request_id: str) -> dict[str, str]:
    # A proxy must forward each event without buffering.
    return {
        **plan.headers,
        **response_headers(request_id, plan.status),
        **{name: value for name, value in plan.headers.items() if name.startswith(RATE_LIMITS)},
        **CORS,
        "x-accel-buffering": "no",
    }


def _preflight(path: str) -> Response:
    asked = request.headers.get("Access-Control-Request-Headers", "")
    if len(asked) > _MOST_ASKED or not _NAMES.fullmatch(asked):
        # The response repeats it as a header.
        abort(400)
    return Response(
        status=204,
        headers={
            **CORS,
            "access-control-allow-methods": "GET, POST, PUT, DELETE",
            "access-control-allow-headers": asked,
            "access-control-max-age": "600",
            "vary": "access-control-request-headers",
        },
    )


def _no_store(body: bytes) -> Response:
    return Response(body, content_type="application/json", headers={"cache-control": "no-store"})
