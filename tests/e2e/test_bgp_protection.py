#!/usr/bin/env python3
"""BGP below BGP: sessions of karstd with gobgpd signed by TCP MD5 (RFC 2385) and with the TTL check (RFC 5082), opened by
either side; with a wrong password, or none, there is no session and karst status says why. gobgpd is another's
implementation of both.
"""
import os
import subprocess
import sys

import chain
from chain import check, equal
sys.path.insert(0, os.path.join(chain.HERE, "..", "interop"))
import bgp_common

SECRET = "correct horse battery staple"
PEERS = {"signed": 2, "called": 3, "wrong": 4, "bare": 5}  # the last octet of gobgpd's view of us: 127.0.0.N
CONFIG = """
[global.config]
  as = 65000
  router-id = "10.255.0.1"
  port = {port}
  local-address-list = ["127.0.0.1"]
"""
NEIGHBOR = """
[[neighbors]]
  [neighbors.config]
    neighbor-address = "127.0.0.{octet}"
    peer-as = 65000
    {password}
  [neighbors.timers.config]
    connect-retry = 1
    idle-hold-time-after-reset = 1
  [neighbors.transport.config]
    passive-mode = {passive}
    local-address = "127.0.0.1"
    remote-port = {remote}
  [neighbors.ttl-security.config]
    enabled = {ttl}
    ttl-min = 255
  [[neighbors.afi-safis]]
    [neighbors.afi-safis.config]
      afi-safi-name = "ls"
"""


class Protected(chain.Chain):
    """karstd and gobgpd; no routers. Each of karstd's peers is another address of gobgpd's."""

    gobgp = None

    def foreign(self):
        return {"none": True}

    def is_ready(self):
        return True

    def start(self):
        self.pin = ""
        with open(self.path("secret"), "w", encoding="ascii") as f:
            f.write(SECRET + "\n")
        with open(self.path("typo"), "w", encoding="ascii") as f:
            f.write(SECRET + "r\n")
        self.write_config()
        self.start_karstd()
        self.wait("the API answers", self.status, 30)
        return self

    def stop(self):
        for g in self.gobgp or []:
            bgp_common.stop(g)
        self.gobgp = None
        return super().stop()


def gobgpd(net, octet, password, passive=True, ttl=False, port=None):
    """A gobgpd at 127.0.1.OCTET that has us as one neighbour."""
    tools = bgp_common.find_gobgp()
    api = chain.emulation.free_port()
    name = net.path(f"gobgpd-{octet}.toml")
    with open(name, "w", encoding="ascii") as f:
        text = CONFIG.format(port=net.ls_port) + NEIGHBOR.format(
            octet=octet, password=f'auth-password = "{password}"' if password else "", passive=str(passive).lower(),
            remote=port or 179, ttl=str(ttl).lower())
        f.write(text.replace("127.0.0.1", f"127.0.1.{octet}"))
    net.gobgp = (net.gobgp or []) + [subprocess.Popen(
        [os.path.join(tools, "gobgpd"), "-t", "toml", "-f", name, "--api-hosts", f"127.0.0.1:{api}", "--pprof-disable",
         "-l", "warn"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)]


def prepare(net):
    net.bgp_listen = chain.emulation.free_port()
    net.extra_config = {
        "device": [],
        "bgp": {"asn": 65000, "router-id": "127.0.0.1", "listen": ["127.0.0.3"], "listen-port": net.bgp_listen,
                "peer": []}}
    net.ls_port = chain.emulation.free_port()

    def peer(name, **more):
        octet = PEERS[name]
        net.extra_config["bgp"]["peer"].append(
            {"name": name, "address": f"127.0.1.{octet}", "port": net.ls_port, "asn": 65000,
             "local-address": f"127.0.0.{octet}", **more})
    peer("signed", **{"password-file": "secret", "ttl-security-hops": 1})
    peer("called", **{"password-file": "secret", "passive": True, "ttl-security-hops": 1})
    peer("wrong", **{"password-file": "typo"})
    peer("bare")


def up(net, name):
    return net.feed(name).get("up") or net.feed(name).get("connected")


def signed_sessions_stand(net):
    gobgpd(net, PEERS["signed"], SECRET, ttl=True)
    gobgpd(net, PEERS["called"], SECRET, passive=False, ttl=True, port=net.bgp_listen)
    for name in ("wrong", "bare"):  # their gobgpd has the right password
        gobgpd(net, PEERS[name], SECRET)
    net.wait("the session that we open", lambda: up(net, "signed"), 60)
    net.wait("the session that gobgpd opens", lambda: up(net, "called"), 60)


def a_wrong_password_is_told(net):
    net.wait("karst status says why", lambda: "is the password the same" in str(net.feed("wrong")), 60)
    check(not up(net, "wrong"), net.feed("wrong"))
    check("karst: " not in net.karst("status") and "TCP MD5" in net.karst("status"), "the sentence is shown to people, too")


def who_does_not_sign_gets_no_session(net):
    net.wait("karst status says why", lambda: "timed out" in str(net.feed("bare")), 60)
    check(not up(net, "bare") and "TCP MD5" not in str(net.feed("bare")), net.feed("bare"))


def nobody_learns_the_password(net):
    told = [net.karst("status", "-o", "json"), net.karst("status"), net.karst("alarm", "list"), net.karst("audit")]
    with open(net.path("karstd.log"), encoding="utf-8") as f:
        told.append(f.read())
    check(SECRET not in str(told), "the password is in what karstd tells")


def a_bad_password_file_ends_the_start(net):
    for text, words in ((None, "No such file"), ("", "is not 1 to 80 octets"), ("x" * 81, "is not 1 to 80 octets")):
        name = net.path("bad")
        if text is not None:
            with open(name, "w", encoding="ascii") as f:
                f.write(text)
        config = net.path("bad.yaml")
        with open(config, "w", encoding="ascii") as f:
            f.write(f"karstd:\n  state-folder: other\n  api: {{port: 0}}\n  bgp:\n    asn: 1\n    router-id: 192.0.2.1\n"
                    f"    peer: [{{name: p, address: 127.0.0.9, asn: 1, password-file: bad}}]\n")
        done = subprocess.run([net.program("karstd"), "--config", config], env=net.env, capture_output=True, text=True,
                              timeout=120, check=False)
        check(done.returncode in (1, 2), f"status {done.returncode} of a start with {text!r}")
        check(words in done.stderr and "BGP peer p" in done.stderr, done.stderr)


STEPS = [signed_sessions_stand, a_wrong_password_is_told, who_does_not_sign_gets_no_session, nobody_learns_the_password,
         a_bad_password_file_ends_the_start]

if __name__ == "__main__":
    bgp_common.find_gobgp()
    sys.exit(chain.run("bgp-protection", STEPS, prepare=prepare, kind=Protected))
