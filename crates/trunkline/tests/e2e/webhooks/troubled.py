"""Receivers of webhooks that have trouble, each at a path of its own. Prints the ports of two servers, of which the second
is down until it is told to open; then, for each event that is taken, where, which, and with which id.

/well   takes everything
/fails  answers 500 to the first two requests
/hangs  answers nothing to the first request
/lies   has a clock an hour ahead for the first two requests, and so refuses them as too old
/down   is on the second server
"""
import json
import sys
import threading
import time
from collections import Counter
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from unittest.mock import patch

from standardwebhooks import webhooks

tries = Counter()
lock = threading.Lock()
secrets = {}


class Ahead(datetime):
    @classmethod
    def now(cls, tz=None):
        return datetime.now(tz) + timedelta(hours=1)


def verify(path, body, headers, clock):
    with patch.object(webhooks, "datetime", clock):
        return webhooks.Webhook(secrets[path]).verify(body, headers)


class Receiver(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        with lock:
            tries[self.path] += 1
            number = tries[self.path]
        if self.path == "/hangs" and number == 1:
            time.sleep(3600)
        self.send_response(self.status(number, body))
        self.end_headers()

    def status(self, number, body):
        if self.path == "/fails" and number <= 2:
            return 500
        clock = Ahead if self.path == "/lies" and number <= 2 else datetime
        with lock:
            try:
                event = verify(self.path, body, dict(self.headers.items()), clock)
            except webhooks.WebhookVerificationError:
                return 400
            print(json.dumps({"path": self.path, "id": event["id"], "tries": number}), flush=True)
        return 204

    def log_message(self, *_):
        pass


def serve(port):
    server = ThreadingHTTPServer(("127.0.0.1", port), Receiver)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


first = serve(0)
second = ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
port = second.server_port
second.server_close()
print(json.dumps([first.server_port, port]), flush=True)
secrets.update(json.loads(sys.stdin.readline()))
if sys.stdin.readline().strip() == "open":
    serve(port)
sys.stdin.read()
