#!/usr/bin/env python3
"""An OAuth 2.0 authorization server for `tests/oauth.rs`, made of a maintained library (Authlib) and nothing of ours.

    authorization_server.py --issuer http://issuer.test --state FOLDER [--host 127.0.0.1] [--port PORT]
                            [--certificate FILE --key FILE]

It issues JWT access tokens (RFC 9068) for client credentials (RFC 6749 section 4.4) at /token, and publishes who it is
(OpenID Connect Discovery) and its keys (RFC 7517). Its keys are in FOLDER/keys.json, so that it can be killed and started
again. `POST /control/publish` makes a new key and publishes it beside the old ones, `/control/sign` signs with the newest
from now on, `/control/retire` forgets all that it does not sign with. It says where it listens in one line.
"""

import argparse
import json
import os
import threading
from pathlib import Path

os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"  # tests reach it over the loopback, without TLS

from authlib.integrations.flask_oauth2 import AuthorizationServer
from authlib.oauth2.rfc6749 import ClientMixin
from authlib.oauth2.rfc6749.grants import ClientCredentialsGrant
from authlib.oauth2.rfc9068 import JWTBearerTokenGenerator
from flask import Flask, jsonify
from joserfc.jwk import RSAKey
from werkzeug.serving import make_server

# Who may ask: a secret, whom its tokens are for, for how many seconds they are good, and what else they say.
CLIENTS = {
    "good": ("good-secret", ["api"], 300, {}),
    "other-audience": ("other-secret", ["billing"], 300, {}),
    "expired": ("expired-secret", ["api"], -120, {}),
    "globex": ("globex-secret", ["api"], 300, {"roles": ["user"], "tenant": "globex", "plan": "gold"}),
}


class Client(ClientMixin):
    def __init__(self, name):
        self.name = name
        self.secret, self.audiences, self.lifetime, self.claims = CLIENTS[name]

    def get_client_id(self):
        return self.name

    def get_allowed_scope(self, scope):
        return " ".join(word for word in (scope or "").split() if word == "chat")

    def check_client_secret(self, secret):
        return secret == self.secret

    def check_endpoint_auth_method(self, method, endpoint):
        return method == "client_secret_basic" and endpoint == "token"

    def check_grant_type(self, grant_type):
        return grant_type == "client_credentials"


class Keys:
    """The keys, oldest first, and which of them signs, kept in a file."""

    def __init__(self, folder):
        self.file = folder / "keys.json"
        self.lock = threading.Lock()
        if not self.file.exists():
            self.write([new_key(1)], "key-1")

    def read(self):
        with self.lock:
            state = json.loads(self.file.read_text())
            return state["keys"], state["signing"]

    def write(self, keys, signing):
        with self.lock:
            draft = self.file.with_suffix(".draft")
            draft.write_text(json.dumps({"keys": keys, "signing": signing}))
            draft.replace(self.file)

    def signing(self):
        keys, signing = self.read()
        return next(key for key in keys if key["kid"] == signing)

    def public(self):
        return {"keys": [RSAKey.import_key(key).as_dict(private=False) for key in self.read()[0]]}

    def publish(self):
        keys, signing = self.read()
        number = int(keys[-1]["kid"].removeprefix("key-"))
        self.write([*keys, new_key(number + 1)], signing)

    def sign(self):
        keys, _ = self.read()
        self.write(keys, keys[-1]["kid"])

    def retire(self):
        keys, signing = self.read()
        self.write([key for key in keys if key["kid"] == signing], signing)


def new_key(number):
    parameters = {"kid": f"key-{number}", "alg": "RS256", "use": "sig"}
    return RSAKey.generate_key(2048, parameters).as_dict(private=True)


class AccessTokens(JWTBearerTokenGenerator):
    def __init__(self, issuer, keys):
        super().__init__(issuer, expires_generator=lambda client, grant_type: client.lifetime)
        self.keys = keys

    def get_jwks(self):
        return {"keys": [self.keys.signing()]}

    def get_audiences(self, client, user, scope):
        return client.audiences

    def get_extra_claims(self, client, grant_type, user, scope):
        return client.claims


def application(issuer, keys):
    app = Flask("authorization-server")
    find = lambda name: Client(name) if name in CLIENTS else None
    server = AuthorizationServer(app, query_client=find, save_token=lambda token, request: None)
    server.register_grant(ClientCredentialsGrant)
    server.register_token_generator("default", AccessTokens(issuer, keys))

    @app.get("/.well-known/openid-configuration")
    def configuration():
        return jsonify(
            issuer=issuer,
            jwks_uri=f"{issuer}/jwks",
            token_endpoint=f"{issuer}/token",
            grant_types_supported=["client_credentials"],
            token_endpoint_auth_methods_supported=["client_secret_basic"],
        )

    @app.get("/jwks")
    def jwks():
        return jsonify(keys.public())

    @app.post("/token")
    def token():
        return server.create_token_response()

    @app.post("/control/<step>")
    def control(step):
        {"publish": keys.publish, "sign": keys.sign, "retire": keys.retire}[step]()
        return jsonify(signing=keys.signing()["kid"])

    return app


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--issuer", required=True)
    arguments.add_argument("--state", type=Path, required=True)
    arguments.add_argument("--host", default="127.0.0.1")
    arguments.add_argument("--port", type=int, default=0)
    arguments.add_argument("--certificate", type=Path)
    arguments.add_argument("--key", type=Path)
    given = arguments.parse_args()
    app = application(given.issuer, Keys(given.state))
    tls = (given.certificate, given.key) if given.certificate else None
    server = make_server(given.host, given.port, app, threaded=True, ssl_context=tls)
    print(server.server_port, flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
