"""Production settings: `gunicorn` in this folder reads them and serves the site.

`make run` does without it: app.py serves with gevent's own server.
"""

import os

wsgi_app = "app:create_app()"

# The same variables as app.py; behind a proxy on this machine the default is the right one.
_host = os.environ.get("HOST") or "127.0.0.1"
_port = os.environ.get("PORT") or "8000"
bind = f"[{_host}]:{_port}" if ":" in _host else f"{_host}:{_port}"

# A stream lasts for seconds and mostly waits: greenlets hold thousands of them in a process,
# threads a few hundred. gunicorn patches the standard library before it imports the app.
worker_class = "gevent"

# Limits and counts in memory are one worker's own, so more than one is the operator's choice.
workers = int(os.environ.get("WEB_CONCURRENCY") or "1")

# The application refuses a stream too many with an answer that says so. Were this limit the lower
# one, visitors would wait without a word instead.
worker_connections = 5000

# Connections that come in a burst wait here, instead of being refused by the kernel.
backlog = 2048

# On SIGTERM, streams that are open get this long to finish; after it they are cut.
graceful_timeout = 30

# A line for every page would drown the errors; the proxy in front keeps the access log.
accesslog = None

# Nothing here uses the control socket, and two servers of one user would share its path.
control_socket_disable = True
