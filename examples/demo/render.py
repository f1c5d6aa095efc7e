"""A published configuration with what one start has of its own: keys, ports, files."""

import hashlib
import json
import re

from calls import Fault

EXAMPLE_KEY = "example-key-do-not-deploy"
FILES = "/etc/portcullis"  # where a configuration that needs files looks for them


def replace(text, pattern, new):
    """The text with what the pattern finds replaced; it must be there."""
    text, count = re.subn(pattern, new, text)
    if count == 0:
        raise Fault(f"the configuration must hold {pattern!r}")
    return text


def with_key(text, key):
    """An API key of this start in the place of the example's."""
    return replace(text, sha256(EXAMPLE_KEY), sha256(key))


def sha256(text):
    return hashlib.sha256(text.encode()).hexdigest()


def without_tls(text):
    """What is plain HTTP on loopback needs neither certificates nor the listeners that ask for them."""
    return re.sub(r"(?m)^ *# make run: not\n(?s:.*?)^ *# make run: on\n", "", text)


def on_loopback(text, port, model_port):
    """One listener, at a port; the admin interface at any; the model server at its own."""
    text = replace(text, r"(port_value:) \d+   # make run: listener", rf"\1 {port}")
    text = replace(text, r"(port_value:) \d+   # make run: admin", r"\1 0")
    text = replace(text, r"(port_value:) \d+   # make run: model server", rf"\1 {model_port}")
    return re.sub(r"(address:) \S+   # make run: (?:loopback|model server)", r"\1 127.0.0.1", text)


def with_secrets_in(text, folder):
    """The credentials of providers that it names, as files in a folder. The demo model server asks for none."""
    for name in sorted(set(re.findall(rf"{FILES}/secrets/(\S+)", text))):
        (folder / name).write_text(provider_secret())
    return text.replace(f"{FILES}/secrets", str(folder))


def provider_secret():
    secret = {"name": "provider", "generic_secret": {"secret": {"inline_string": "Bearer demo"}}}
    kind = "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret"
    return json.dumps({"resources": [{"@type": kind, **secret}]})  # JSON is YAML
