#!/usr/bin/env python3
"""Clients of the API with certificates instead of tokens: whose they are, what they may, and what is said to those that
are unknown, expired, revoked, of somebody else's issuer, or meant for something else.
"""
import json
import os
import shutil
import signal
import ssl
import subprocess
import sys

import chain
import pki
from chain import check, equal, error_of

INTENTS = "/restconf/data/karst-intent:intents"
TOKENS = "/restconf/data/karst-operations:operations/token"
certificates = {}


def prepare(net):
    ours = net.authority = pki.Authority(os.path.join(net.folder, "pki"))
    other = pki.Authority(os.path.join(net.folder, "other"), "somebody else")
    for name, options in {"viewer": {"san": "DNS:Grafana.example.org"}, "planner": {"san": "email:plans@example.org"},
                          "operator": {"san": "DNS:x.example.org,URI:urn:noc:shift"}, "boss": {}, "pinned": {},
                          "nobody": {"san": "DNS:nobody.example.org"}, "late": {"expired": True}, "fired": {},
                          "server": {"usage": "serverAuth"}}.items():
        certificates[name] = ours.issue(name, **options)
    certificates["forged"] = other.issue("boss")
    ours.revoke(certificates["fired"][0])
    net.extra_config["api"] = {
        "address": "127.0.0.1", "port": net.api_port, "client-ca-file": ours.certificate,
        "client-crl-file": ours.revocations(),
        "client": [{"name": "grafana", "role": "viewer", "san-dns-name": "grafana.example.org"},
                   {"name": "plans", "role": "planner", "san-email": "plans@example.org"},
                   {"name": "shift", "role": "operator", "san-uri": "urn:noc:shift"},
                   {"name": "boss", "role": "administrator", "common-name": "boss"},
                   {"name": "late", "role": "administrator", "common-name": "late"},
                   {"name": "fired", "role": "administrator", "common-name": "fired"},
                   {"name": "server", "role": "administrator", "common-name": "server"},
                   {"name": "pinned", "role": "viewer", "sha256": pki.fingerprint(certificates["pinned"][0])}]}


def ask(net, who, method, path, body=None, token=None):
    """A request with a certificate (who None: without); status and error message, or the body."""
    context = ssl.create_default_context(cafile=os.path.join(net.state, "api-cert.pem"))
    if who:
        context.load_cert_chain(*certificates[who])
    c = chain.http.client.HTTPSConnection("127.0.0.1", net.api_port, timeout=120, context=context)
    headers = {"Content-Type": "application/yang-data+json"}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    try:
        c.request(method, path, json.dumps(body) if body else None, headers)
        answer = c.getresponse()
        text = answer.read().decode()
        if answer.status >= 400:
            return answer.status, error_of(json.loads(text))["error-message"]
        return answer.status, text
    finally:
        c.close()


def put(net, who, name):
    return ask(net, who, "PUT", f"{INTENTS}/intent={name}",
               {"karst-intent:intent": [{"id": name, "from": "r1", "to": "r5"}]})[0]


def each_may_what_its_role_may(net):
    for who, plans, operates, administers in (("viewer", 403, 403, 403), ("pinned", 403, 403, 403),
                                              ("planner", 201, 403, 403), ("operator", 201, 204, 403),
                                              ("boss", 201, 204, 200)):
        equal(ask(net, who, "GET", INTENTS)[0], 200, f"{who} looks")
        equal(put(net, who, f"of-{who}"), plans, f"{who} puts an intent")
        equal(ask(net, who, "POST", "/restconf/operations/karst-operations:resume")[0], operates, f"{who} resumes")
        equal(ask(net, who, "GET", TOKENS)[0], administers, f"{who} looks at the tokens")
    said = ask(net, "viewer", "GET", TOKENS)[1]
    equal(said, "this needs the role administrator, and grafana has the role viewer", "a role that is too small")


def the_audit_names_the_client(net):
    entries = json.loads(ask(net, "boss", "GET", "/restconf/data/karst-operations:operations/audit")[1])
    authors = {e["author"] for e in next(iter(entries.values()))}
    check({"plans", "shift", "boss", "grafana"} <= authors, authors)


def what_is_wrong_is_said(net):
    for who, words in (("nobody", "is no configured client's"), ("late", "certificate has expired"),
                       ("fired", "certificate revoked"), ("forged", "unable to get local issuer certificate"),
                       ("server", "unsuitable certificate purpose"), (None, "a bearer token is needed")):
        status, said = ask(net, who, "GET", INTENTS)
        equal(status, 401, f"{who}: {said}")
        check(words in said, f"{who}: {said}")
        if who:
            check(("/CN=boss" if who == "forged" else f"/CN={who}") in said, said)
    equal(ask(net, "forged", "GET", "/healthz")[0], 200, "what is open to all stays open")


def a_token_counts_more(net):
    equal(ask(net, "nobody", "GET", TOKENS, token=net.token())[0], 200, "a token beside a certificate of nobody")
    status, said = ask(net, "boss", "GET", TOKENS, token="wrong")
    equal((status, said), (401, "the token is not known"), "a wrong token beside a good certificate")


def the_command_line_shows_a_certificate(net):
    def karst(who, *words):
        return subprocess.run([net.program("karst"), *words, "--server", f"https://127.0.0.1:{net.api_port}", "--cacert",
                               os.path.join(net.state, "api-cert.pem"), "--cert", certificates[who][0], "--key",
                               certificates[who][1]], env=net.env, capture_output=True, text=True, timeout=120, check=False)
    done = karst("boss", "token", "list", "-o", "json")
    check(done.returncode == 0 and "first" in done.stdout, done.stderr)
    done = karst("fired", "status")
    check(done.returncode != 0 and "certificate revoked" in done.stderr, done.stderr)
    check(done.stderr.count("\n") == 1, f"one sentence: {done.stderr}")
    done = karst("viewer", "resume")
    check(done.returncode != 0 and "needs the role operator" in done.stderr, done.stderr)


def reload(net):
    """SIGHUP; the old connections end."""
    c = net.connection()
    try:
        c.request("GET", "/healthz")
        c.getresponse().read()
        net.karstd.process.send_signal(signal.SIGHUP)
        check(c.sock.recv(1) == b"", "the old connection is closed")
    finally:
        c.close()


def revocation_is_read_on_sighup(net):
    equal(ask(net, "operator", "GET", INTENTS)[0], 200, "not yet revoked")
    net.authority.revoke(certificates["operator"][0])
    net.authority.revocations()
    equal(ask(net, "operator", "GET", INTENTS)[0], 200, "revoked, but not yet read")
    reload(net)
    status, said = ask(net, "operator", "GET", INTENTS)
    check(status == 401 and "certificate revoked" in said, said)
    equal(ask(net, "boss", "GET", INTENTS)[0], 200, "others go on")


def a_bad_list_changes_nothing_and_an_old_one_lets_nobody_in(net):
    crl = net.authority.path("crl.pem")
    shutil.copy(crl, crl + ".good")
    with open(crl, "w", encoding="ascii") as f:
        f.write("rubbish\n")
    net.karstd.process.send_signal(signal.SIGHUP)
    log = net.path("karstd.log")
    net.wait("the fault is logged", lambda: "cannot use the revoked clients in" in open(log, encoding="utf-8").read(), 20)
    equal(ask(net, "boss", "GET", INTENTS)[0], 200, "what was read before stands")
    equal(ask(net, "operator", "GET", INTENTS)[0], 401, "what was revoked before stays")
    net.authority.revocations(expired=True)
    reload(net)
    status, said = ask(net, "boss", "GET", INTENTS)
    check(status == 401 and "CRL has expired" in said, said)
    shutil.move(crl + ".good", crl)
    reload(net)
    equal(ask(net, "boss", "GET", INTENTS)[0], 200, "with a good list again")


STEPS = [each_may_what_its_role_may, the_audit_names_the_client, what_is_wrong_is_said, a_token_counts_more,
         the_command_line_shows_a_certificate, revocation_is_read_on_sighup,
         a_bad_list_changes_nothing_and_an_old_one_lets_nobody_in]

if __name__ == "__main__":
    sys.exit(chain.run("certificates", STEPS, prepare=prepare))
