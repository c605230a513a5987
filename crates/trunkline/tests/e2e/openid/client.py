"""What an application on a server does with Authlib. Prints what it was told, as one JSON object."""
import html
import json
import os
import re
import sys
from urllib.parse import parse_qs, urlparse

import requests
from authlib.common.security import generate_token
from authlib.integrations.requests_client import OAuth2Session
from joserfc import jwt
from joserfc.jwk import KeySet

os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"
BASE, GIVEN = sys.argv[1:]
PERSON = json.loads(GIVEN)


def sign_in(url):
    """What a person does on the page: gives where they are sent back to."""
    browser = requests.Session()
    page = browser.get(url).text
    hidden = re.findall(r'type="hidden" name="([^"]*)" value="([^"]*)"', page)
    form = {name: html.unescape(value) for name, value in hidden}
    form.update(username=PERSON["username"], password=PERSON["password"])
    answer = browser.post(f"{BASE}/authorize", data=form, allow_redirects=False)
    return answer.headers["location"]


def calls(token):
    headers = {"authorization": f"Bearer {token}"}
    return requests.get(f"{BASE}/cc/accounts/self/calls", headers=headers).status_code


found = requests.get(f"{BASE}/.well-known/openid-configuration").json()
session = OAuth2Session(
    "dialer", "a secret of the dialer", scope="openid", redirect_uri=PERSON["back"], code_challenge_method="S256"
)
verifier, nonce = generate_token(48), generate_token()
url, state = session.create_authorization_url(found["authorization_endpoint"], code_verifier=verifier, nonce=nonce)
token = session.fetch_token(
    found["token_endpoint"], authorization_response=sign_in(url), state=state, code_verifier=verifier
)
keys = KeySet.import_key_set(requests.get(found["jwks_uri"]).json())
claims = jwt.decode(token["id_token"], keys, algorithms=found["id_token_signing_alg_values_supported"]).claims
registry = jwt.JWTClaimsRegistry(
    iss={"essential": True, "value": found["issuer"]},
    aud={"essential": True, "value": "dialer"},
    nonce={"essential": True, "value": nonce},
)
registry.validate(claims)
who = session.get(found["userinfo_endpoint"]).json()
first = calls(token["access_token"])
refreshed = session.refresh_token(found["token_endpoint"], refresh_token=token["refresh_token"])
second = calls(refreshed["access_token"])
session.revoke_token(found["revocation_endpoint"], token=refreshed["refresh_token"])
third = calls(refreshed["access_token"])
silent, _ = session.create_authorization_url(
    found["authorization_endpoint"], code_verifier=verifier, nonce=nonce, prompt="none"
)
location = requests.get(silent, allow_redirects=False).headers["location"]
print(json.dumps({
    "claims": claims, "who": who, "calls": first, "refreshedCalls": second, "revokedCalls": third,
    "silent": parse_qs(urlparse(location).query)["error"][0],
}))
