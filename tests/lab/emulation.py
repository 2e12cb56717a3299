"""The emulated network and a karstd on it: what the demo and the end-to-end tests start, watch and stop.

Everything listens on the loopback address; every process that is started here is ended here.
"""
import json
import os
import queue
import socket
import subprocess
import sys
import threading
import time


# Limits of waiting are for a quiet machine; they are stretched by this, because a slow one is no fault. Whoever measures
# how long something took looks at the time, not at whether a wait ended.
PATIENCE = float(os.environ.get("KARST_TEST_PATIENCE", "6"))


class Fault(Exception):
    """Something did not work; the text is for people."""


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def free_ports(count):
    """The first of count ports in a row that nobody listens on."""
    bases = list(range(20000, 60000 - count, 997))
    first = os.getpid() % len(bases)  # or all that start at the same time would want the same
    for base in bases[first:] + bases[:first]:
        socks = []
        try:
            for p in range(base, base + count):
                s = socket.socket()
                socks.append(s)
                s.bind(("127.0.0.1", p))
            return base
        except OSError:
            continue
        finally:
            for s in socks:
                s.close()
    raise Fault(f"no {count} free ports in a row")


def monotonic_us():
    return time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000


class Program:
    """A child process whose standard output is read line by line, each line with the time it came."""

    def __init__(self, args, log, env=None, stdin=True):
        self.args = args
        self.log = open(log, "ab")
        self.lines = queue.Queue()
        self.process = subprocess.Popen(args, stdin=subprocess.PIPE if stdin else subprocess.DEVNULL,
                                        stdout=subprocess.PIPE, stderr=self.log, env=env)
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self):
        for raw in self.process.stdout:
            self.lines.put((monotonic_us(), raw.decode(errors="replace").rstrip("\n")))
        self.lines.put((monotonic_us(), None))

    def tell(self, line):
        self.process.stdin.write(line.encode() + b"\n")
        self.process.stdin.flush()

    def expect(self, match, seconds):
        """The first line from now on for which match(line) is true, with its time; others are dropped."""
        end = time.monotonic() + seconds * PATIENCE
        while True:
            try:
                at, line = self.lines.get(timeout=max(0.01, end - time.monotonic()))
            except queue.Empty:
                raise Fault(f"{os.path.basename(self.args[0])} did not say what was awaited in {seconds * PATIENCE:.0f} s")
            if line is None:
                raise Fault(f"{os.path.basename(self.args[0])} ended (see {self.log.name})")
            if match(line):
                return at, line

    def drain(self):
        """All lines that came so far."""
        out = []
        while True:
            try:
                at, line = self.lines.get_nowait()
            except queue.Empty:
                return out
            if line is not None:
                out.append((at, line))

    def running(self):
        return self.process.poll() is None

    def stop(self, seconds=60):
        if self.running():
            self.process.terminate()
            try:
                self.process.wait(seconds)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.reader.join(2)
        if self.process.stdin:
            try:
                self.process.stdin.close()
            except BrokenPipeError:
                pass
        self.log.close()
        return self.process.returncode

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.reader.join(2)
        self.log.close()


class Emulation:
    """One network: topology file, NETCONF routers, BGP-LS speaker, karstd."""

    def __init__(self, topology, folder, build, source, nodes=None, extra_config=None):
        self.topology = os.path.abspath(topology)
        self.folder = os.path.abspath(folder)
        self.build = os.path.abspath(build)
        self.source = os.path.abspath(source)
        self.extra_config = extra_config or {}
        self.device_extra = {}  # by name: further leaves of a device
        self.gnmi_port = None  # see serve_gnmi
        self.gnmi_options = []
        os.makedirs(self.folder, exist_ok=True)
        self.env = dict(os.environ)
        self.env["KARST_YANG_PATH"] = os.path.join(self.source, "models", "yang")
        self.routers = self.speaker = self.karstd = None
        self.bgp_port = free_port()
        self.api_port = free_port()
        self.network = self.read_topology()
        self.nodes = nodes or [n["name"] for n in self.network["node"]]
        self.netconf_port = free_ports(len(self.nodes))
        self.state = os.path.join(self.folder, "state")
        self.config = os.path.join(self.folder, "karstd.yaml")

    def program(self, name):
        return os.path.join(self.build, name)

    def path(self, name):
        return os.path.join(self.folder, name)

    def read_topology(self):
        run = subprocess.run([self.program("karst"), "topology", self.topology, "-o", "json"], env=self.env,
                             capture_output=True, text=True, timeout=120)
        if run.returncode:
            raise Fault(f"karst topology {self.topology}: {run.stderr}")
        return json.loads(run.stdout)["karst-topology:topology"]

    def make_keys(self):
        for name in ("host", "client"):
            if not os.path.exists(self.path(name)):
                subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", self.path(name)], check=True)
        shown = subprocess.run(["ssh-keygen", "-lf", self.path("host.pub")], check=True, capture_output=True, text=True)
        return shown.stdout.split()[1]

    def serve_gnmi(self, *options):
        """Before start_routers: router i serves gNMI at gnmi_port + i, too (options as karst-lab-routers has them)."""
        self.netconf_port = free_ports(2 * len(self.nodes))
        self.gnmi_port = self.netconf_port + len(self.nodes)
        self.gnmi_options = ["--gnmi", str(self.gnmi_port), *options]

    def stream_gnmi(self, names=None, **leaves):
        """karstd shall subscribe to these routers (all), in plain text; after serve_gnmi."""
        for i, name in enumerate(self.nodes):
            if names is None or name in names:
                self.device_extra[name] = {"gnmi": {"port": self.gnmi_port + i, "tls": False, "sample-interval-ms": 500,
                                                    **leaves}}

    def start_routers(self):
        self.pin = self.make_keys()
        with open(self.path("names"), "w", encoding="utf-8") as f:
            f.write("\n".join(self.nodes) + "\n")
        self.routers = Program([self.program("karst-lab-routers"), "--host-key", self.path("host"), "--authorized",
                                self.path("client.pub"), "--names", self.path("names"), "--port",
                                str(self.netconf_port), *self.gnmi_options], self.path("routers.log"), self.env)
        self.routers.expect(lambda l: l.startswith("ready"), 60)

    def measure(self):
        """Tells routers that nothing forwards for which interfaces they have: each link out of one, by its name. rate() sets
        what they send. In the lab the kernel counts."""
        for i, link in enumerate(self.network["link"]):
            self.order_router(f"interface {link['from']} {link['name']} {10000 + i}")

    def order_router(self, line):
        """One control line of the routers, see routers.h."""
        self.routers.tell(line)
        _, answer = self.routers.expect(lambda l: l.startswith(("ok ", "error ")), 30)
        if not answer.startswith("ok"):
            raise Fault(f"{line}: {answer}")

    def start_speaker(self):
        """Listens for karstd, which connects, and stays until it is stopped, whatever karstd does."""
        self.speaker = Program([self.program("karst-lab-speaker"), "--topology", self.topology, "--listen",
                                f"127.0.0.2:{self.bgp_port}", "--peer", "127.0.0.1", "--asn", "65000"],
                               self.path("speaker.log"), self.env)
        self.speaker.expect(lambda l: l.startswith("ready"), 60)

    def write_config(self):
        devices = [{"name": n, "node": n, "address": "127.0.0.1", "port": self.netconf_port + i, "username": "karst",
                    "private-key-file": self.path("client"), "host-key-sha256": self.pin}
                   for i, n in enumerate(self.nodes)]
        for device in devices:
            device.update(self.device_extra.get(device["name"], {}))
        config = {
            "state-folder": self.state,
            "topology-file": [self.topology],
            "bgp": {"asn": 65000, "router-id": "127.0.0.1",
                    "peer": [{"name": "lab", "address": "127.0.0.2", "port": self.bgp_port,
                              "local-address": "127.0.0.1", "asn": 65000}]},
            "device": devices,
            "api": {"address": "127.0.0.1", "port": self.api_port},
        }
        config.update(self.extra_config)
        config = {k: v for k, v in config.items() if v is not None}  # None: without it
        with open(self.config, "w", encoding="utf-8") as f:
            json.dump({"karst-config:karstd": config}, f)

    def start_karstd(self):
        os.makedirs(self.state, mode=0o700, exist_ok=True)
        self.karstd = Program([self.program("karstd"), "--config", self.config], self.path("karstd.log"), self.env,
                              stdin=False)

    def client_options(self):
        return ["--server", f"https://127.0.0.1:{self.api_port}", "--token-file", os.path.join(self.state, "first-token"),
                "--ca", os.path.join(self.state, "api-cert.pem")]

    def karst(self, *args, ok=(0,), timeout=60, input=None):
        """Runs an online verb; its standard output, as JSON where it was asked for."""
        run = subprocess.run([self.program("karst"), *args, *self.client_options()], env=self.env, input=input,
                             capture_output=True, text=True, timeout=timeout * PATIENCE)
        if run.returncode not in ok:
            raise Fault(f"karst {' '.join(args)}: status {run.returncode}: {run.stderr.strip()}{run.stdout.strip()}")
        return json.loads(run.stdout) if "json" in args and run.stdout.strip() else run.stdout

    def wait(self, what, ready, seconds, poll=0.1):
        """Polls until ready() is true; its value. Faults of the client count as not yet."""
        end = time.monotonic() + seconds * PATIENCE
        last = ""
        while time.monotonic() < end:
            for p in (self.routers, self.speaker, self.karstd):
                if p and not p.running():
                    raise Fault(f"{os.path.basename(p.args[0])} ended while waiting for {what} (see {p.log.name})")
            try:
                value = ready()
                if value:
                    return value
            except (Fault, OSError, subprocess.TimeoutExpired) as fault:
                last = f": {fault}"
            time.sleep(poll)
        raise Fault(f"{what}: not in {seconds * PATIENCE:.0f} s{last}")

    def stop(self):
        """Ends everything; the exit status of karstd, or None."""
        status = self.karstd.stop() if self.karstd else None
        for p in (self.speaker, self.routers):
            if p:
                p.stop()
        self.karstd = self.speaker = self.routers = None
        return status
