#!/usr/bin/env python3
"""Secrets are in no answer, event, log, audit, backup, or copy of the store: the passwords and private keys that the
configuration names, and the tokens, are looked for in everything that karstd tells or writes.
"""
import os
import subprocess
import sys

import chain
from chain import check, emulation

PLANTED = {"of BGP": "planted-bgp-Zq7", "of gNMI": "planted-gnmi-Xw9"}


def prepare(net):
    for name, text in (("bgp-password", PLANTED["of BGP"]), ("gnmi-password", PLANTED["of gNMI"])):
        with open(net.path(name), "w", encoding="ascii") as f:
            f.write(text + "\n")
    written = net.write_config

    def write_config():
        closed = emulation.free_port()
        net.extra_config = {
            "bgp": {"asn": 65000, "router-id": "127.0.0.1", "peer": [
                {"name": "lab", "address": "127.0.0.2", "port": net.bgp_port, "local-address": "127.0.0.1", "asn": 65000},
                {"name": "signed", "address": "127.0.0.9", "port": closed, "local-address": "127.0.0.1", "asn": 65000,
                 "password-file": "bgp-password"}]},
            "device": [{"name": n, "node": n, "address": "127.0.0.1", "port": net.netconf_port + i, "username": "karst",
                        "private-key-file": net.path("client"), "host-key-sha256": net.pin,
                        **({"gnmi": {"port": closed, "tls": False, "username": "karst", "password-file": "gnmi-password"}}
                           if i == 0 else {})} for i, n in enumerate(net.nodes)]}
        written()

    net.write_config = write_config
    net.is_ready = lambda: (all(d.get("connected") for d in net.status().get("device", [])) and net.feed().get("synced"))


def key_lines(path):
    """What is secret of a private key in PEM: its lines without the frame."""
    with open(path, encoding="ascii") as f:
        return [l.strip() for l in f if not l.startswith("-") and len(l.strip()) > 30]


def life(net):
    """Something of everything that may be told about."""
    net.put_good("a", **{"from": "r1", "to": "r5", "objective": "delay"})
    net.wait_state("a", "active")
    made = net.karst("token", "create", "shift", "--role", "operator").strip()
    net.secrets = dict(PLANTED, **{"of the first token": net.token(), "of a token": made})
    for n, line in enumerate(key_lines(net.path("client"))):
        net.secrets[f"line {n} of the key of routers"] = line
    for n, line in enumerate(key_lines(os.path.join(net.state, "api-key.pem"))):
        net.secrets[f"line {n} of the key of the API"] = line
    net.request("GET", "/restconf/data", token=made)
    net.request("GET", "/restconf/data", token="wrong-" + made)
    net.karst("token", "revoke", "shift")
    net.put("b", **{"from": "nowhere", "to": "r5"})
    net.say("cut r1--r3")
    net.say("restore r1--r3")


def search(net, where, text):
    text = text if isinstance(text, bytes) else str(text).encode()
    for what, secret in net.secrets.items():
        check(secret.encode() not in text, f"the secret {what} is in {where}")


def no_answer_has_a_secret(net):
    document = net.request("GET", "/openapi.json")[2]
    asked = 0
    for path, methods in document["paths"].items():
        if "get" not in methods or path in ("/restconf/streams/karst", "/backup"):
            continue
        key = "r1--r3" if "link" in path else "r1" if "node" in path else "a"
        search(net, path, net.request("GET", path.replace("{key}", key)))
        asked += 1
    check(asked > 15, asked)
    for verb in (["status"], ["alarm", "list"], ["audit"], ["token", "list"], ["intent", "list"], ["policy", "list"]):
        for more in ([], ["-o", "json"]):
            search(net, " ".join(verb), net.karst(*verb, *more, ok=(0, 1, 2)))
    c = net.connection()
    c.request("GET", "/restconf/streams/karst", headers={"Authorization": f"Bearer {net.token()}", "Last-Event-ID": "0"})
    search(net, "the event stream", c.getresponse().fp.read1(1 << 20))
    c.close()


def no_file_has_a_secret(net):
    net.karst("backup", net.path("backup.db"))
    files = [net.path("backup.db"), net.path("karstd.log"), net.path("speaker.log")]
    files += [os.path.join(net.state, n) for n in os.listdir(net.state) if n not in ("first-token", "api-key.pem")]
    for name in files:
        with open(name, "rb") as f:
            search(net, name, f.read())
    for name in ("first-token", "tokens", "api-key.pem"):
        mode = os.stat(os.path.join(net.state, name)).st_mode & 0o077
        check(mode == 0, f"{name} can be read by others")
    with open(f"/proc/{net.karstd.process.pid}/cmdline", "rb") as f:
        search(net, "the command line", f.read())


def a_bad_configuration_is_told_without_its_secrets(net):
    with open(net.config, encoding="utf-8") as f:
        text = f.read()
    with open(net.path("bad.json"), "w", encoding="utf-8") as f:
        f.write(text.replace('"password-file"', '"password-fil"'))
    done = subprocess.run([net.program("karstd"), "--config", net.path("bad.json")], env=net.env, capture_output=True,
                          text=True, timeout=120, check=False)
    check(done.returncode == 2, done.stderr)
    search(net, "the complaint about a configuration", done.stderr)


STEPS = [life, no_answer_has_a_secret, no_file_has_a_secret, a_bad_configuration_is_told_without_its_secrets]

if __name__ == "__main__":
    sys.exit(chain.run("secrets", STEPS, prepare=prepare))
