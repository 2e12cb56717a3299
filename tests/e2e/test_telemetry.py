#!/usr/bin/env python3
"""Telemetry by gNMI over mutual TLS: links that fill up with traffic that nobody booked, links that are seen down, streams
that end, targets without Capabilities. The targets are Python's gRPC with OpenConfig's messages."""
import os
import subprocess
import sys

import chain
from chain import check, emulation, equal

try:
    import grpc
except ImportError:
    grpc = None

FAST = ["r1--r3", "r3--r5"]
ROUND = ["r1--r2", "r2--r3", "r3--r5"]
LINKS = ["r1--r2", "r1--r3", "r2--r1", "r2--r4", "r3--r1", "r3--r5", "r5--r3", "r4--r5"]
M = 1000000


class Measured(chain.Chain):
    """A chain whose routers have gNMI targets beside them."""

    targets = None
    more_config = {}

    def make_certificates(self):
        def openssl(*args):
            subprocess.run(["openssl", *args], check=True, capture_output=True, cwd=self.folder)
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
                "-subj", "/CN=lab CA", "-keyout", "ca.key", "-out", "ca.crt")
        for name in ("server", "client"):
            openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj",
                    f"/CN={name}", "-keyout", f"{name}.key", "-out", f"{name}.csr")
            with open(self.path("ext"), "w", encoding="ascii") as f:
                f.write("subjectAltName=DNS:localhost,IP:127.0.0.1\n")
            openssl("x509", "-req", "-in", f"{name}.csr", "-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial",
                    "-days", "2", "-extfile", "ext", "-out", f"{name}.crt")

    def start_targets(self):
        self.make_certificates()
        self.gnmi_port = emulation.free_ports(len(self.nodes))
        script = os.path.join(chain.HERE, "..", "lab", "gnmi_target.py")
        self.targets = emulation.Program([sys.executable, script, str(self.gnmi_port), self.path("server.crt"),
                                          self.path("server.key"), self.path("ca.crt"), *self.nodes],
                                         self.path("targets.log"))
        self.targets.expect(lambda l: l == "ready", 60)
        for i, link in enumerate(LINKS):
            # One interface that neither its name nor its index tells: the configuration does.
            self.target(f"interface {link.split('--')[0]} {'eth9' if link == 'r1--r2' else link} {1000 + i}")

    def target(self, line):
        self.targets.tell(line)
        _, answer = self.targets.expect(lambda l: l.startswith(("ok " + line, "error " + line)), 20)
        check(answer.startswith("ok"), answer)

    def write_config(self):
        self.start_targets()
        with open(self.path("password"), "w", encoding="ascii") as f:
            f.write("secret\n")
        devices = [{"name": n, "node": n, "address": "127.0.0.1", "port": self.netconf_port + i, "username": "karst",
                    "private-key-file": self.path("client"), "host-key-sha256": self.pin,
                    "gnmi": {"port": self.gnmi_port + i, "ca-file": self.path("ca.crt"), "server-name": "localhost",
                             "certificate-file": self.path("client.crt"), "key-file": self.path("client.key"),
                             "username": "karst", "password-file": self.path("password"), "target": n,
                             "sample-interval-ms": 200, "heartbeat-s": 2,
                             "encoding": "json-ietf" if n == "r1" else "proto"},
                    "interface": [{"name": "eth9", "link": "r1--r2"}] if n == "r1" else []}
                   for i, n in enumerate(self.nodes)]
        self.extra_config = {**self.more_config, "device": devices, "telemetry": {
            "window-s": 2, "stale-s": 20, "up-hold-s": 1, "resolution-s": 1, "least-interval-ms": 100}}
        super().write_config()

    def measured(self):
        status, _, body = self.request("GET", "/restconf/data/karst-telemetry:telemetry")
        equal(status, 200, f"GET telemetry: {body}")
        return body["karst-telemetry:telemetry"]

    def stream(self, name):
        return next(d for d in self.measured()["device"] if d["name"] == name)

    def link(self, name):
        status, _, body = self.request("GET", f"/restconf/data/karst-topology:topology/link={name}")
        equal(status, 200, f"GET link {name}")
        return body["karst-topology:link"][0]

    def wait_number(self, what, number, low, high):
        def near():
            n = int(number())
            return low <= n <= high and n
        return self.wait(what, near, 30)

    def stop(self):
        if self.targets:
            self.targets.stop()
        return super().stop()


def every_router_streams(net):
    net.wait("streams", lambda: all(d.get("streaming") for d in net.measured()["device"]), 60)
    net.put_good("fast", **{"from": "r1", "to": "r5", "objective": "delay", "bandwidth-bps": "100000000"})
    net.wait_path("fast", FAST)


def rates_show_with_every_part(net):
    net.target(f"rate r3 r3--r5 {300 * M}")
    net.wait_number("measured rate", lambda: net.link("r3--r5").get("measured-bps", 0), 270 * M, 330 * M)
    link = net.link("r3--r5")
    equal(int(link["booked-bps"]), 100 * M, "booked")
    unbooked, carried = int(link["unbooked-bps"]), int(link["policy-traffic-bps"])
    equal(unbooked, int(link["measured-bps"]) - carried, "unbooked")
    equal(int(link["residual-bps"]), 1000 * M - 100 * M - unbooked, "residual")
    p = net.policy_of("fast")
    net.target(f"policy r1 {p['color']} {p['endpoint']} {40 * M}")
    net.wait_number("measured policy", lambda: net.link("r3--r5")["policy-traffic-bps"], 36 * M, 44 * M)
    equal(net.links_of("fast"), FAST, "300 of 1000 Mbit/s moved it")


def link_that_fills_up_is_left(net):
    # So full that it does not fit by what hysteresis leaves untold either.
    net.target(f"rate r1 r1--r3 {1000 * M}")
    net.wait_path("fast", ROUND, 60)
    check("r1--r3" in net.policy_of("fast")["cause"], f"cause: {net.policy_of('fast').get('cause')}")
    net.wait_number("what is full", lambda: net.link("r1--r3")["residual-bps"], 0, 100 * M)


def interface_of_the_configuration_is_measured(net):
    net.target(f"rate r1 eth9 {2000 * M}")
    net.wait_number("eth9", lambda: net.link("r1--r2").get("measured-bps", 0), 1800 * M, 2200 * M)


def link_seen_down_is_left_and_comes_back(net):
    net.target("oper r3 r3--r5 DOWN")
    net.wait("fast elsewhere", lambda: "r3--r5" not in net.links_of("fast"), 30)
    equal(net.link("r3--r5")["state"], "down", "state of the link")
    net.target("oper r3 r3--r5 UP")
    net.wait("link up", lambda: net.link("r3--r5")["state"] == "up", 30)


def delays_are_taken_over(net):
    net.target("delay r2 r2--r4 77000")
    net.wait_number("delay", lambda: net.link("r2--r4")["delay-us"], 77000, 77000)


def history_and_metrics_tell(net):
    history = net.karst("link", "history", "r3--r5", "-o", "json")["karst-telemetry:output"]
    check(len(history["bucket"]) > 3, f"{history}")
    best = max(int(b.get("max-bps", 0)) for b in history["bucket"])
    check(250 * M < best < 600 * M, f"greatest rate {best}")
    for b in history["bucket"]:
        if b["samples"]:
            check(int(b["min-bps"]) <= int(b["mean-bps"]) <= int(b["max-bps"]) and
                  int(b["p95-bps"]) <= int(b["max-bps"]), f"{b}")
    few = net.karst("link", "history", "r3--r5", "--step", "3600s", "-o", "json")["karst-telemetry:output"]["bucket"]
    check(len(few) <= 2, f"{len(few)} buckets of an hour")
    check("r3--r5" in net.karst("telemetry"), "karst telemetry does not show the link")
    status, _, text = net.request("GET", "/metrics")
    check(status == 200 and 'karst_link_measured_bps{link="r3--r5"}' in text, "no gauge of the link")


def stream_that_ends_is_begun_anew(net):
    before = int(net.stream("r2")["streams"])
    net.target("drop r2")
    net.wait("another stream", lambda: int(net.stream("r2")["streams"]) > before and net.stream("r2")["streaming"], 60)


def garbage_is_counted_and_harms_nobody(net):
    net.target("garbage r4")
    net.wait("a malformed message", lambda: int(net.stream("r4")["malformed"]) == 1, 30)
    net.target("clock r4 3600")
    messages = int(net.stream("r4")["messages"])
    net.wait("the stream goes on", lambda: int(net.stream("r4")["messages"]) > messages, 30)


def target_without_capabilities_streams(net):
    before = int(net.stream("r5")["streams"])
    net.target("capabilities r5 off")
    net.target("drop r5")
    net.wait("another stream", lambda: int(net.stream("r5")["streams"]) > before and net.stream("r5")["streaming"], 60)


def router_that_is_gone_is_told(net):
    net.targets.kill()
    net.targets = None
    net.wait("alarm", lambda: ("telemetry/r1", "lost") in net.alarms(), 60)


def main():
    try:
        chain.require("grpc", grpc is not None, "python3-grpcio is not installed")
    except chain.Skip as lacking:
        print(f"skipped: {lacking}")
        return 77
    return chain.run("telemetry", [
        every_router_streams, rates_show_with_every_part, link_that_fills_up_is_left,
        interface_of_the_configuration_is_measured, link_seen_down_is_left_and_comes_back, delays_are_taken_over,
        history_and_metrics_tell, stream_that_ends_is_begun_anew, garbage_is_counted_and_harms_nobody,
        target_without_capabilities_streams, router_that_is_gone_is_told], kind=Measured)


if __name__ == "__main__":
    sys.exit(main())
