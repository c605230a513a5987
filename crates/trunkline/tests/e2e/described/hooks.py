"""What no description can say: whose credentials a body carries."""

import os

import schemathesis


@schemathesis.hook
def map_body(context, body):
    login = os.environ.get("BODY_LOGIN")
    if login and isinstance(body, dict):
        body.update(zip(("CustomerName", "UserName", "Password"), login.split(":")))
    return body
