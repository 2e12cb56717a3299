"""What the interop tests of the routers' gNMI server share: emulated routers with mutual TLS, their control, a policy."""
import json
import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "e2e"))
import chain
from chain import check, emulation, equal

SID = "fcbb:bb00:3:1::"
POLICY = {"name": "karst-a", "candidate-path": [{"preference": 100, "segment-list": [
    {"id": 1, "weight": 1, "segment": [{"index": 1, "sid": SID}]}]}]}


class Routers:
    """Some emulated routers, r1 and on, with a gNMI server each."""

    def __init__(self, count=2, tls=True, options=()):
        self.folder = tempfile.mkdtemp(prefix="karst-gnmi-")
        self.names = [f"r{i + 1}" for i in range(count)]
        self.port = emulation.free_ports(2 * count)
        self.gnmi_port = self.port + count
        self.keys()
        if tls:
            self.certificates()
            options = ["--gnmi-cert", self.path("server.crt"), "--gnmi-key", self.path("server.key"), "--gnmi-ca",
                       self.path("ca.crt"), *options]
        env = dict(os.environ, KARST_YANG_PATH=os.path.join(chain.SOURCE, "models", "yang"))
        self.program = emulation.Program(
            [os.path.join(chain.BUILD, "karst-lab-routers"), "--host-key", self.path("host"), "--authorized",
             self.path("client.pub"), "--names", self.path("names"), "--port", str(self.port), "--gnmi",
             str(self.gnmi_port), *options], self.path("routers.log"), env)
        self.program.expect(lambda l: l.startswith("ready"), 60)

    def path(self, name):
        return os.path.join(self.folder, name)

    def keys(self):
        with open(self.path("names"), "w", encoding="ascii") as f:
            f.write("\n".join(self.names) + "\n")
        for name in ("host", "client"):
            subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", self.path(name)], check=True)

    def certificates(self):
        def openssl(*args):
            subprocess.run(["openssl", *args], check=True, capture_output=True, cwd=self.folder)
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
                "-subj", "/CN=lab CA", "-keyout", "ca.key", "-out", "ca.crt")
        with open(self.path("ext"), "w", encoding="ascii") as f:
            f.write("subjectAltName=DNS:localhost,IP:127.0.0.1\n")
        for name in ("server", "peer"):
            openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj",
                    f"/CN={name}", "-keyout", f"{name}.key", "-out", f"{name}.csr")
            openssl("x509", "-req", "-in", f"{name}.csr", "-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial",
                    "-days", "2", "-extfile", "ext", "-out", f"{name}.crt")

    def order(self, line):
        self.program.tell(line)
        _, answer = self.program.expect(lambda l: l.startswith(("ok ", "error ")), 30)
        check(answer.startswith("ok"), f"{line}: {answer}")
        return answer

    def running(self, name="r1"):
        return self.order(f"show {name} running")

    def stop(self):
        self.program.tell("quit")
        try:
            status = self.program.process.wait(60)
        except subprocess.TimeoutExpired:
            status = None
        self.program.stop()
        return status


def run(steps, needs=lambda: None, **options):
    """Runs steps on some routers; the exit status of a test."""
    net = None
    try:
        needs()
        net = Routers(**options)
        for step in steps:
            step(net)
            print(f"ok {step.__name__.replace('_', ' ')}", flush=True)
        equal(net.stop(), 0, "exit status of the routers")
        subprocess.run(["rm", "-rf", net.folder], check=True)
        return 0
    except chain.Skip as lacking:
        print(f"skipped: {lacking}")
        return 77
    except (emulation.Fault, OSError, KeyError, ValueError, subprocess.SubprocessError) as fault:
        chain.traceback.print_exc()
        print(f"FAILED: {fault}; files in {net.folder if net else 'no folder'}")
        return 1
    finally:
        if net and net.program.running():
            net.program.stop()


__all__ = ["POLICY", "Routers", "SID", "chain", "check", "emulation", "equal", "json", "os", "run", "subprocess", "sys"]
