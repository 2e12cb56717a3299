#!/usr/bin/env python3
"""Routers that stream to karstd: SONiC's and Cisco's services, over TLS with names from certificates; sources that are not
registered, that send garbage, that never stop sending."""
import os
import subprocess
import sys
import time

import chain
from chain import check, emulation, equal

try:
    import grpc
    import dialout_source
except ImportError:
    grpc = None

FAST = ["r1--r3", "r3--r5"]
ROUND = ["r1--r2", "r2--r3", "r3--r5"]
M = 1000000
XR = "Cisco-IOS-XR-infra-statsd-oper:infra-statistics/interfaces/interface/latest/generic-counters"
MAPPING = "karst-config:path-map:\n  mapping:\n  - path: /infra-statistics/interfaces/interface[interface-name=*]" \
          "/latest/generic-counters/bytes-sent\n    meaning: out-octets\n"


class Collected(chain.Chain):
    def openssl(self, *args):
        subprocess.run(["openssl", *args], check=True, capture_output=True, cwd=self.folder)

    def make_certificates(self, names):
        self.openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
                     "-subj", "/CN=lab CA", "-keyout", "ca.key", "-out", "ca.crt")
        for name in names:
            self.openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj",
                         f"/CN={name}", "-keyout", f"{name}.key", "-out", f"{name}.csr")
            with open(self.path("ext"), "w", encoding="ascii") as f:
                f.write(f"subjectAltName=DNS:{name},IP:127.0.0.1\n")
            self.openssl("x509", "-req", "-in", f"{name}.csr", "-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial",
                         "-days", "2", "-extfile", "ext", "-out", f"{name}.crt")

    def write_config(self):
        self.senders = {}
        self.collector_port = emulation.free_port()
        self.make_certificates(["collector", "router-1", "router-3", "stranger"])
        with open(self.path("xr.yaml"), "w", encoding="ascii") as f:
            f.write(MAPPING)
        self.device_extra = {"r1": {"dial-out-name": "router-1"}, "r3": {"dial-out-name": "router-3"}}
        self.extra_config = {"telemetry": {
            "window-s": 2, "stale-s": 20, "resolution-s": 1, "least-interval-ms": 100,
            "mapping-file": [self.path("xr.yaml")],
            "dial-out": {"address": "127.0.0.1", "port": self.collector_port, "ca-file": self.path("ca.crt"),
                         "certificate-file": self.path("collector.crt"), "key-file": self.path("collector.key")}}}
        super().write_config()

    def stream_from(self, name, method, make, **options):
        read = lambda f: open(self.path(f), "rb").read()
        credentials = grpc.ssl_channel_credentials(read("ca.crt"), read(f"{name}.key"), read(f"{name}.crt"))
        s = dialout_source.Source(f"127.0.0.1:{self.collector_port}", method, make, credentials, **options)
        self.senders[name] = s
        return s

    def stream(self, name):
        status, _, body = self.request("GET", "/restconf/data/karst-telemetry:telemetry")
        equal(status, 200, f"GET telemetry: {body}")
        return next(d for d in body["karst-telemetry:telemetry"]["device"] if d["name"] == name)

    def measured(self, name):
        status, _, body = self.request("GET", f"/restconf/data/karst-topology:topology/link={name}")
        equal(status, 200, f"GET link {name}")
        return int(body["karst-topology:link"][0].get("measured-bps", 0))

    def stop(self):
        for s in getattr(self, "senders", {}).values():
            s.stop()
        return super().stop()


def sonic_source_moves_a_policy(net):
    net.put_good("fast", **{"from": "r1", "to": "r5", "objective": "delay", "bandwidth-bps": "100000000"})
    net.wait_path("fast", FAST)
    s = net.stream_from("router-1", dialout_source.SONIC,
                   lambda n, at: dialout_source.sonic_message("r1--r3", n, at))
    s.bps = 1050 * M  # 100 of it are taken to be the policy's own
    net.wait("streaming", lambda: net.stream("r1")["streaming"], 60)
    net.wait_path("fast", ROUND, 60)


def cisco_source_is_measured(net):
    s = net.stream_from("router-3", dialout_source.CISCO, lambda n, at: dialout_source.cisco_message(
        XR, [({"interface-name": "r3--r4"}, {"packets-sent": 5, "bytes-sent": n, "x": 0.5}),
             ({"interface-name": "Null0"}, {"bytes-sent": 1})], at // 1000000))
    s.bps = 400 * M
    net.wait("rate of the Cisco source", lambda: 340 * M < net.measured("r3--r4") < 460 * M, 60)


def stranger_is_refused(net):
    s = net.stream_from("stranger", dialout_source.SONIC, lambda n, at: dialout_source.sonic_message("r1--r2", 1, at))
    net.wait("refusal", lambda: s.error is not None, 60)
    equal(s.error, grpc.StatusCode.PERMISSION_DENIED, "what the stranger was told")


def garbage_is_counted(net):
    before = int(net.stream("r1")["malformed"])
    net.senders["router-1"].stop()
    net.stream_from("router-1", dialout_source.SONIC, lambda n, at: b"\x0a\xff\xff\xff\x0f")
    net.wait("malformed messages", lambda: int(net.stream("r1")["malformed"]) > before + 2, 60)
    check(net.stream("r3")["streaming"], "the other router suffers")


def flood_costs_the_others_nothing(net):
    net.senders["router-1"].stop()
    s = net.stream_from("router-1", dialout_source.SONIC, lambda n, at: dialout_source.sonic_message("r1--r3", n, at), interval=0)
    s.bps = 100 * M
    before = int(net.stream("r1")["messages"])
    net.wait("many messages", lambda: int(net.stream("r1")["messages"]) > before + 3000, 60)
    check(int(net.stream("r1")["early"]) > 1000, "samples are not held back")
    start = time.monotonic()
    net.status()
    net.wait("rate of the other", lambda: 340 * M < net.measured("r3--r4") < 460 * M, 60)
    check(time.monotonic() - start < 60, "the API is slow")


def source_that_goes_is_told(net):
    net.senders["router-1"].stop()
    net.wait("alarm", lambda: ("telemetry/r1", "lost") in net.alarms(), 60)


def main():
    try:
        chain.require("grpc", grpc is not None, "python3-grpcio is not installed")
    except chain.Skip as lacking:
        print(f"skipped: {lacking}")
        return 77
    return chain.run("dialout", [sonic_source_moves_a_policy, cisco_source_is_measured, stranger_is_refused,
                                 garbage_is_counted, flood_costs_the_others_nothing, source_that_goes_is_told],
                     kind=Collected)


if __name__ == "__main__":
    sys.exit(main())
