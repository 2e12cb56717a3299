"""north_probe, the API over the real service, for the checks beside this file."""
import hashlib
import http.client
import json
import os
import socket
import ssl
import subprocess
import tempfile
import threading
import time

WAIT = 120
BUILD = os.environ.get("KARST_BUILDDIR", ".")
SOURCE = os.environ.get("KARST_SRCDIR", os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))
JSON = "application/yang-data+json"
DATA = "/restconf/data/"
INTENTS = DATA + "karst-intent:intents"


def intent_path(name):
    return INTENTS + "/intent=" + name


def intent_body(name, **members):
    entry = {"id": name, "from": "r1", "to": "r5"}
    entry.update({k.replace("_", "-"): v for k, v in members.items() if v is not None})
    return json.dumps({"karst-intent:intent": [entry]})


class Reply:
    def __init__(self, response):
        self.status = response.status
        self.headers = response.headers
        self.body = response.read()

    def json(self):
        return json.loads(self.body)

    def error(self):
        """The one error of an error body."""
        return self.json()["ietf-restconf:errors"]["error"][0]


class Probe:
    """One server; modes are the words of north_probe's command line."""

    def __init__(self, *modes, topology="examples/triangle/topology.yaml", tokens=None):
        self.temporary = tempfile.TemporaryDirectory()
        self.folder = self.temporary.name
        if tokens:
            with open(os.path.join(self.folder, "tokens"), "w") as f:
                for secret, role in tokens.items():
                    digest = hashlib.sha256(secret.encode()).hexdigest()
                    f.write("%s %s %s 0 -\n" % (secret, role, digest))
        environment = dict(os.environ)
        environment.setdefault("KARST_YANG_PATH", os.path.join(SOURCE, "models/yang"))
        self.child = subprocess.Popen(
            [os.path.join(BUILD, "tests/northbound/north_probe"), self.folder,
             os.path.join(SOURCE, topology)] + list(modes),
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment, text=True)
        line = self.child.stdout.readline()
        assert line, "north_probe did not start"
        self.port = int(line)
        self.tls = "tls" in modes
        self.token = None
        first = os.path.join(self.folder, "first-token")
        if "auth" in modes and os.path.exists(first):
            with open(first) as f:
                self.token = f.read().strip()

    def url(self):
        return "%s://localhost:%d" % ("https" if self.tls else "http", self.port)

    def certificate(self):
        return os.path.join(self.folder, "api-cert.pem")

    def command(self, text):
        self.child.stdin.write(text + "\n")
        self.child.stdin.flush()
        assert self.child.stdout.readline() == "ok\n"

    def end(self):
        self.child.stdin.close()
        self.child.stdout.close()
        status = self.child.wait(WAIT)
        self.temporary.cleanup()
        return status

    def connection(self):
        if not self.tls:
            return http.client.HTTPConnection("127.0.0.1", self.port, timeout=WAIT)
        context = ssl.create_default_context(cafile=self.certificate())
        return http.client.HTTPSConnection("localhost", self.port, timeout=WAIT, context=context)

    def send(self, method, path, body=None, token=None, **headers):
        """Sends a request; returns the open connection."""
        c = self.connection()
        all_headers = {k.replace("_", "-"): v for k, v in headers.items()}
        token = token or self.token
        if token:
            all_headers.setdefault("Authorization", "Bearer " + token)
        if body is not None:
            all_headers.setdefault("Content-Type", JSON)
        c.request(method, path, body, all_headers)
        return c

    def ask(self, method, path, body=None, token=None, **headers):
        c = self.send(method, path, body, token, **headers)
        try:
            return Reply(c.getresponse())
        finally:
            c.close()

    def put(self, name, **members):
        return self.ask("PUT", intent_path(name), intent_body(name, **members))

    def until(self, what, condition):
        end = time.monotonic() + WAIT
        while time.monotonic() < end:
            if condition():
                return
            time.sleep(0.02)
        raise AssertionError("never came: " + what)


class Stream(threading.Thread):
    """A reader of the event stream: collects (id, event type, data)."""

    def __init__(self, probe, **headers):
        super().__init__(daemon=True)
        self.events = []
        self.comments = 0
        self.connection = probe.send("GET", "/restconf/streams/karst", **headers)
        self.response = self.connection.getresponse()
        self.start()

    def run(self):
        entry = {}
        try:
            for raw in self.response:
                line = raw.decode().rstrip("\n")
                if line.startswith(":"):
                    self.comments += 1
                elif line:
                    key, _, value = line.partition(": ")
                    entry[key] = value
                else:
                    if "data" in entry:
                        self.events.append((entry.get("id"), entry.get("event"), json.loads(entry["data"])))
                    entry = {}
        except (OSError, http.client.HTTPException, ValueError, AttributeError):
            pass

    def notifications(self):
        return [e[2]["ietf-restconf:notification"] for e in list(self.events) if e[1] is None]

    def close(self):
        sock = self.connection.sock or self.response.fp.raw._sock
        try:
            sock.shutdown(socket.SHUT_RDWR)  # the reader holds the socket open
        except OSError:
            pass
        self.join(WAIT)
        self.connection.close()
