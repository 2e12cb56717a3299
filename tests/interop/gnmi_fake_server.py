#!/usr/bin/env python3
"""karstd against OpenConfig's fake_server, a streaming target that others wrote: it has neither Capabilities nor Get, and
sends what it likes. It listens on every address, so all of this runs in a network namespace of its own."""
import json
import os
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "e2e"))
import chain
from chain import check, emulation

INSIDE = "KARST_TEST_IN_NAMESPACE"
OCTETS = 900000  # a second


def responses():
    """Thirty seconds of counters of one interface, as OpenConfig names them, then the sync in between."""
    def update(at, leaf, value):
        elems = "".join(f'elem: {{name: "{n}"}} ' for n in ("interfaces",))
        elems += 'elem: {name: "interface" key: {key: "name" value: "eth0"}} '
        elems += "".join(f'elem: {{name: "{n}"}} ' for n in ("state", "counters", leaf))
        return f" responses: {{ update: {{ timestamp: {at} update: {{ path: {{ {elems} }} val: {{ uint_val: {value} }} }} }} }}\n"

    out = 'target: "r1" client_type: GRPC_GNMI enable_delay: true disable_eof: true disable_sync: true\nfixed: {\n'
    for i in range(90):
        at = 1700000000 * 10**9 + i * 10**9
        out += update(at, "in-octets", 1000 + i * 700) + update(at + 1, "out-octets", 5000 + i * OCTETS)
        if i == 0:
            out += " responses: { sync_response: true }\n"
    return out + "}\n"


class Faked(emulation.Emulation):
    def certificates(self):
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                        "-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout",
                        self.path("s.key"), "-out", self.path("s.crt")], check=True, capture_output=True)

    def start_fake(self, program):
        self.certificates()
        with open(self.path("fake.pb.txt"), "w", encoding="ascii") as f:
            f.write(responses())
        self.gnmi_port = emulation.free_port()
        self.fake = emulation.Program([program, "--config", self.path("fake.pb.txt"), "--text", "--port",
                                       str(self.gnmi_port), "--server_crt", self.path("s.crt"), "--server_key",
                                       self.path("s.key"), "--allow_no_client_auth", "--logtostderr"],
                                      self.path("fake.log"))

    def configure(self):
        device = {"name": "r1", "node": "r1", "address": "127.0.0.1", "driver": "gnmi",
                  "gnmi": {"port": self.gnmi_port, "ca-file": self.path("s.crt"), "server-name": "localhost",
                           "target": "r1", "sample-interval-ms": 1000},
                  "interface": [{"name": "eth0", "link": "r1--r2"}]}
        config = {"state-folder": self.state, "topology-file": [self.topology], "device": [device],
                  "telemetry": {"window-s": 5}, "api": {"address": "127.0.0.1", "port": self.api_port}}
        with open(self.config, "w", encoding="utf-8") as f:
            json.dump({"karst-config:karstd": config}, f)

    def telemetry(self):
        return self.karst("telemetry", "-o", "json")["karst-telemetry:telemetry"]

    def device(self):
        return self.telemetry()["device"][0]


def steps(net, program):
    net.start_fake(program)
    net.configure()
    net.start_karstd()
    net.wait("a stream from fake_server", lambda: net.device().get("streaming"), 60)
    print("ok it streams, without Capabilities")

    def refused():
        alarms = net.karst("status", "-o", "json")["karst-operations:operations"].get("alarm", [])
        return any(a["object"] == "device/r1" and "router r1: it does not implement Get" in a["alarm-text"] for a in alarms)
    net.wait("a sentence that it cannot be driven", refused, 60)
    print("ok policies are not written to a target without Get")

    def measured():
        links = {l["name"]: l for l in net.telemetry().get("link", [])}
        rate = int(links.get("r1--r2", {}).get("rate-bps", 0))
        return 0.7 * OCTETS * 8 < rate < 1.3 * OCTETS * 8

    net.wait("the rate of eth0", measured, 60)
    d = net.wait("its counters", lambda: int(net.device()["updates"]) >= 4 and net.device(), 30)
    check(int(d["malformed"]) == 0, f"{d['malformed']} malformed messages")
    print("ok its counters are the rate that they were made with")


def main():
    program = os.path.join(chain.BUILD, "tools", "fake_server")
    try:
        chain.require("go", os.path.exists(program), "fake_server is not there (./dev test installs it where Go is)")
        chain.require("root", os.geteuid() == 0 and shutil.which("unshare"), "no network namespace without root")
    except chain.Skip as lacking:
        print(f"skipped: {lacking}")
        return 77
    if INSIDE not in os.environ:
        return subprocess.run(["unshare", "-n", sys.executable, os.path.abspath(__file__)],
                              env=dict(os.environ, **{INSIDE: "1"}), check=False).returncode
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    folder = chain.tempfile.mkdtemp(prefix="karst-fake-")
    net = Faked(chain.TRIANGLE, folder, chain.BUILD, chain.SOURCE)
    try:
        steps(net, program)
    except emulation.Fault as fault:
        print(f"FAILED: {fault}; files in {folder}")
        return 1
    finally:
        if getattr(net, "fake", None):
            net.fake.stop()
        net.stop()
    shutil.rmtree(folder, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
