"""A receiver of webhooks as its author would write it: it prints its port, then for each request what the
specification's library says of it, and of the same request with another body."""

import json
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer

from standardwebhooks.webhooks import Webhook, WebhookVerificationError

# The secret is told once it is known, on the first line of the input.
secret = []


def is_refused(body, headers):
    try:
        Webhook(secret[0]).verify(body, headers)
        return False
    except WebhookVerificationError:
        return True


class Receiver(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        if not secret:
            secret.append(sys.stdin.readline().strip())
        headers = dict(self.headers.items())
        event = Webhook(secret[0]).verify(body, headers)
        print(json.dumps({"event": event, "tamperedIsRefused": is_refused(body + b" ", headers)}), flush=True)
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_):
        pass


server = HTTPServer(("127.0.0.1", 0), Receiver)
print(server.server_port, flush=True)
server.serve_forever()
