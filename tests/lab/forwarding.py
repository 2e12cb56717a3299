"""The lab that forwards, and a karstd on it: the emulation with every router a network namespace of this machine.

Needs root and the kernel's SRv6; missing() says what lacks. Nothing outside of the namespaces is touched.
"""
import json
import os
import socket
import subprocess
import sys
import tempfile
import urllib.parse

import completion
import emulation

REASONS = {"root": "root is needed to make network namespaces", "seg6": "the kernel lacks SRv6 (seg6local, NEXT-CSID)"}

# Tried in a namespace that ends with the shell: a veth pair, an ifb, and a local SID with NEXT-CSID flavour.
TRIAL = """ip link set lo up && ip link add sr0 type ifb && ip link set sr0 up && ip link add name v1 type veth peer name v2 &&
ip -6 route add fcbb:bb00:1::/48 encap seg6local action End flavors next-csid lblen 32 nflen 16 dev sr0 && tc qdisc add dev v1 root handle 1: htb default 1 &&
test -e /proc/sys/net/ipv6/seg6_flowlabel && test -e /proc/sys/net/ipv4/fib_multipath_hash_seed"""


def missing():
    """"root" or "seg6" if the lab cannot run here, with the words of the fault; None if it can."""
    if os.geteuid() != 0:
        return "root", REASONS["root"]
    trial = subprocess.run(["unshare", "-n", "sh", "-c", TRIAL], capture_output=True, text=True, check=False)
    if trial.returncode:
        return "seg6", f"{REASONS['seg6']}: {trial.stderr.strip()[:200]}"
    return None


def tell(name, line, seconds=60):
    """One order to a lab; what it answers. Fault with its words if it refuses."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as s:
        s.settimeout(seconds)
        try:
            s.connect(f"/run/karst-lab/{name}/control")
        except OSError as error:
            raise emulation.Fault(f"no lab \"{name}\" is running: {error}") from error
        s.sendall(line.encode() + b"\n")
        parts = []
        while part := s.recv(65536):
            parts.append(part)
    head, _, rest = b"".join(parts).decode().partition("\n")
    if head != "ok":
        raise emulation.Fault(head.removeprefix("error ") or f"the lab gave no answer to \"{line}\"")
    return rest


def word(name):
    """A name as one word of an order: blanks and the like as in URLs."""
    return "".join(f"%{ord(c):02X}" if c <= " " or c in "%\x7f" else c for c in name)


class Forwarding(emulation.Emulation):
    """As Emulation; routers and speaker are one program."""

    def __init__(self, topology, folder, build, source, name=None, probe_us=10000, **options):
        self.name = name or f"karst-{os.getpid()}"
        self.probe_us = probe_us
        self.names = []
        super().__init__(topology, folder, build, source, **options)
        self.given = self.complete()

    def complete(self):
        """Gives the network what it lacks to forward, as a file of its own; what that was."""
        given = completion.complete(self.network)
        if given:
            self.topology = self.path("topology.json")
            with open(self.topology, "w", encoding="utf-8") as f:
                json.dump({"karst-topology:topology": self.network}, f)
        return given

    def start_routers(self):
        self.pin = self.make_keys()
        for tries in range(4):
            self.routers = emulation.Program(self.lab_command(), self.path("lab.log"), self.env, stdin=False)
            try:
                self.ready = self.routers.expect(lambda l: l.startswith("ready"), 300)[1]
                return
            except emulation.Fault:
                if not self.ports_were_taken() or tries == 3:
                    raise
                self.routers.stop()

    def ports_were_taken(self):
        """Somebody was faster between the look for free ports and their use: takes others."""
        with open(self.path("lab.log"), encoding="utf-8", errors="replace") as f:
            said = f.read()
        if "ddress already in use" not in said and "gNMI cannot listen" not in said:
            return False
        os.truncate(self.path("lab.log"), 0)
        if self.gnmi_port:
            self.serve_gnmi()
        else:
            self.netconf_port = emulation.free_ports(len(self.nodes))
        self.bgp_port = emulation.free_port()
        return True

    def lab_command(self):
        return [self.program("karst-lab"), "run", self.topology, "--name", self.name, "--probe-us", str(self.probe_us),
                "--netconf", f"127.0.0.1:{self.netconf_port}", "--host-key", self.path("host"), "--authorized",
                self.path("client.pub"), "--bgp-listen", f"127.0.0.2:{self.bgp_port}", "--bgp-peer", "127.0.0.1",
                *self.gnmi_options]

    def start_speaker(self):
        """Is in the lab already."""

    def tell(self, line, seconds=60):
        return tell(self.name, line, seconds)

    def counters(self):
        """Packets that each directed link has carried."""
        return {urllib.parse.unquote(words[0]): int(words[1]) for words in (l.split() for l in self.tell("counters").splitlines())}

    def hosts(self):
        """By router: what hangs on it, and the SIDs that lead there."""
        out = {}
        for line in self.tell("routers").splitlines():
            words = line.split()
            at = {w: words[i + 1] for i, w in enumerate(words[:-1])}
            out[urllib.parse.unquote(words[0])] = {"space": at["space"], "address": at["address"], "six": words[words.index("customers") + 1],
                             "four": words[words.index("customers") + 2], "dt6": at["dt6"], "dt4": at["dt4"]}
        return out

    def send(self, flows, pps=2000, patience=2.0):
        """Sends flows of UDP from host to host and returns what became of each: a dict by name, see karst-lab-flow."""
        run = subprocess.run([self.program("karst-lab-flow"), "--patience", str(patience)], input="".join(
            f"{word(f['name'])} {f['from']} {f['to']} {f['destination']} {f.get('packets', 1000)} {f.get('pps', pps)} {f.get('flows', 1000)}\n"
            for f in flows), capture_output=True, text=True, timeout=600, check=False)
        if run.returncode:
            raise emulation.Fault(f"karst-lab-flow: {run.stderr.strip()}")
        return {a["name"]: a for a in map(json.loads, run.stdout.splitlines())}

    def flood(self, link, bps):
        """Fills a link with real packets, straight from the router that it leaves to its neighbour; whoever starts it ends it."""
        hosts = self.hosts()
        space = hosts[link["from"]]["space"]
        shown = subprocess.run(["ip", "-n", space, "-j", "link"], capture_output=True, text=True, check=True)
        interface = next(i["ifname"] for i in json.loads(shown.stdout) if i.get("ifalias") == link["name"])
        near = subprocess.run(["ip", "-n", space, "-6", "-j", "neigh", "show", "dev", interface, "nud", "permanent"],
                              capture_output=True, text=True, check=True)
        neighbour = next(n["dst"] for n in json.loads(near.stdout) if n["dst"].startswith("fe80:"))
        script = os.path.join(os.path.dirname(os.path.abspath(__file__)), "flood.py")
        return emulation.Program(["ip", "netns", "exec", space, sys.executable, script, interface, neighbour, str(bps)],
                                 self.path("flood.log"), stdin=False)

    def down(self):
        """Removes what a lab that was killed left behind."""
        subprocess.run([self.program("karst-lab"), "down", "--name", self.name], check=False, capture_output=True)


def folder():
    return tempfile.mkdtemp(prefix="karst-lab-")
