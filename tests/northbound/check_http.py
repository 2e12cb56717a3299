#!/usr/bin/env python3
"""The HTTP server of northbound/http against hostile and odd clients, over real sockets.

Nothing here measures time: what must happen "in the end" is waited for, at most WAIT seconds.
"""
import http.client
import json
import os
import socket
import ssl
import stat
import subprocess
import sys
import tempfile
import time
import unittest
import warnings

WAIT = 120
PROBE = os.path.join(os.environ.get("KARST_BUILDDIR", "."), "tests/northbound/http_probe")


class Probe:
    def __init__(self, folder=None):
        self.child = subprocess.Popen([PROBE] + ([folder] if folder else []),
                                      stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.port = int(self.child.stdout.readline())
        self.tls = None
        if folder:
            self.tls = ssl.create_default_context(cafile=os.path.join(folder, "api-cert.pem"))

    def end(self):
        self.child.stdin.close()
        self.child.stdout.close()
        return self.child.wait(WAIT)

    def connect(self):
        s = socket.create_connection(("127.0.0.1", self.port), timeout=WAIT)
        return self.tls.wrap_socket(s, server_hostname="localhost") if self.tls else s

    def raw(self, data):
        """Sends bytes, returns everything until the server closes."""
        with self.connect() as s:
            s.sendall(data)
            return read_all(s)

    def get(self, path, method="GET", body=None, headers=None):
        c = http.client.HTTPConnection("127.0.0.1", self.port, timeout=WAIT)
        c.sock = self.connect()
        c.request(method, path, body, headers or {})
        r = c.getresponse()
        data = r.read()
        c.close()
        return r.status, data, r

    def counters(self):
        return json.loads(self.get("/counters")[1])

    def until(self, what, condition):
        end = time.monotonic() + WAIT
        while time.monotonic() < end:
            if condition():
                return
            time.sleep(0.05)
        raise AssertionError("never came: " + what)


def read_all(s):
    got = b""
    while True:
        try:
            more = s.recv(65536)
        except (ConnectionResetError, ssl.SSLEOFError, ssl.SSLZeroReturnError):
            return got
        if not more:
            return got
        got += more


def request(method, path, *headers, body=b""):
    lines = ["%s %s HTTP/1.1" % (method, path), "Host: x", "Connection: close"] + list(headers)
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def status_of(reply):
    return int(reply.split(b" ", 2)[1]) if reply.startswith(b"HTTP/") else None


class Http(unittest.TestCase):
    folder = None

    @classmethod
    def setUpClass(cls):
        cls.p = Probe(cls.folder)

    @classmethod
    def tearDownClass(cls):
        assert cls.p.end() == 0, "the server did not end cleanly"

    def test_segments_are_split_before_they_are_decoded(self):
        for path, want in [
                ("/", "GET 0"),
                ("/a/b", "GET [a] [b] 0"),
                ("/a%2Fb/c", "GET [a/b] [c] 0"),
                ("/l=x,y%2Cz/s", "GET [l|x|y,z] [s] 0"),
                ("/l%3Dx=", "GET [l=x|] 0"),
                ("/a//b/", "GET [a] [] [b] [] 0"),
                ("//x/y", "GET [] [x] [y] 0"),
                ("/%E5%8D%97", "GET [\u5357] 0"),
                ("http://else.where/a", "GET [a] 0")]:
            reply = self.p.raw(request("GET", path))
            self.assertEqual(reply.split(b"\r\n\r\n", 1)[1].decode(), want + "\n", path)

    def test_targets_that_cannot_be_are_400(self):
        for path in ["/%00", "/a%", "/a%2", "/%zz", "/%0a", "/%ff", "/%c0%af", "/a?x=%00",
                     "/a#b", "/" + "/".join("a" * 20), "/x=1,2,3,4,5"]:
            self.assertEqual(status_of(self.p.raw(request("GET", path))), 400, path)

    def test_ambiguous_framing_is_400_and_closed(self):
        for headers in [["Content-Length: 5", "Content-Length: 5"],
                        ["Content-Length: 5", "Content-Length: 6"],
                        ["Content-Length: 5", "Transfer-Encoding: chunked"],
                        ["Transfer-Encoding: chunked", "Transfer-Encoding: chunked"],
                        ["Transfer-Encoding: gzip, chunked"],
                        ["Content-Length: +5"], ["Content-Length: -5"], ["Content-Length: 5x"],
                        ["Host: y"], ["B\x01d: x"], ["Sp ace: x"]]:
            body = b"5\r\nhello\r\n0\r\n\r\n" if "chunked" in str(headers) else b"hello"
            reply = self.p.raw(request("POST", "/a", *headers, body=body))
            self.assertIn(status_of(reply), (400, None), headers)
            self.assertNotIn(b" 200 ", reply, headers)

    def test_no_host_is_400(self):
        self.assertEqual(status_of(self.p.raw(b"GET / HTTP/1.1\r\nConnection: close\r\n\r\n")), 400)

    def test_garbage_is_no_success(self):
        for data in [b"\r\n\r\n\r\n", b"GET\r\n\r\n", b"\x16\x03\x01\x02\x00", b"GET / HTTP/9\r\n\r\n",
                     b"GET / HTTP/1.1\r\n" + b"A: b\r\n" * 5000 + b"\r\n",
                     b"GET /" + b"a" * 20000 + b" HTTP/1.1\r\n\r\n",
                     b"BREW / HTTP/1.1\r\nHost: x\r\n\r\n"]:
            with self.p.connect() as s:
                try:
                    s.sendall(data)
                    if not self.p.tls:
                        s.shutdown(socket.SHUT_WR)
                    reply = read_all(s)
                except (BrokenPipeError, ConnectionResetError, ssl.SSLError):
                    reply = b""
            self.assertNotIn(b" 200 ", reply, data[:20])
        self.assertEqual(self.p.get("/x")[0], 200)

    def test_head_has_the_length_but_no_body(self):
        reply = self.p.raw(request("HEAD", "/abc"))
        head, body = reply.split(b"\r\n\r\n", 1)
        self.assertEqual(body, b"")
        self.assertIn(b"Content-Length: %d" % len("HEAD [abc] 0\n"), head)

    def test_204_has_neither_body_nor_type(self):
        head, body = self.p.raw(request("GET", "/nothing")).split(b"\r\n\r\n", 1)
        self.assertEqual(body, b"")
        self.assertNotIn(b"Content-Type", head)
        self.assertNotIn(b"Content-Length", head)

    def test_no_answer_from_the_handler_is_500(self):
        self.assertEqual(self.p.get("/silent")[0], 500)

    def test_keep_alive_serves_many(self):
        c = http.client.HTTPConnection("127.0.0.1", self.p.port, timeout=WAIT)
        c.sock = self.p.connect()
        for i in range(50):
            c.request("PUT", "/n%d" % i, b"x" * i)
            r = c.getresponse()
            self.assertEqual(r.read(), b"PUT [n%d] %d\n" % (i, i))
        c.close()

    def test_pipelined_requests_are_answered_in_order(self):
        one = b"GET /a HTTP/1.1\r\nHost: x\r\n\r\n"
        reply = self.p.raw(one * 3 + request("GET", "/b"))
        self.assertEqual(reply.count(b"GET [a] 0\n"), 3)
        self.assertEqual(reply.count(b"GET [b] 0\n"), 1)

    def test_chunked_bodies_are_joined(self):
        reply = self.p.raw(request("PUT", "/c", "Transfer-Encoding: chunked",
                                   body=b"3\r\nabc\r\n4\r\ndefg\r\n0\r\n\r\n"))
        self.assertIn(b"PUT [c] 7\n", reply)

    def test_body_at_the_limit_is_taken(self):
        self.assertEqual(self.p.get("/x", "PUT", b"x" * (8 << 20))[1], b"PUT [x] %d\n" % (8 << 20))

    def test_body_of_100_mb_is_413(self):
        before = self.p.counters()["requests"]
        for headers in (["Content-Length: 104857600"], ["Transfer-Encoding: chunked"]):
            with self.p.connect() as s:
                s.settimeout(5)  # one who does not read while it sends may be stuck
                try:
                    s.sendall(request("PUT", "/x", *headers))
                    if "chunked" in headers[0]:
                        s.sendall(b"6400000\r\n")
                    for _ in range(100):
                        s.sendall(b"x" * (1 << 20))
                except (BrokenPipeError, ConnectionResetError, TimeoutError, ssl.SSLError):
                    pass
                reply = read_all(s)
            # A client that goes on sending may lose the reply to a reset, never get a success.
            self.assertIn(status_of(reply), (413, None), headers)
        reply = self.p.raw(request("PUT", "/x", "Content-Length: 104857600"))
        self.assertEqual(status_of(reply), 413)
        reply = self.p.raw(request("PUT", "/x", "Content-Length: 104857600", "Expect: 100-continue"))
        self.assertEqual(status_of(reply), 413)
        self.assertEqual(self.p.counters()["requests"], before + 1)  # the counters' own

    def test_slow_header_is_cut(self):
        with self.p.connect() as s:
            s.sendall(b"GET / HTTP/1.1\r\n")
            try:
                for _ in range(int(WAIT / 0.2)):
                    s.sendall(b"A: b\r\n")
                    time.sleep(0.2)
            except (BrokenPipeError, ConnectionResetError, ssl.SSLError):
                return
        self.fail("a slow client lived on")

    def test_silent_and_idle_connections_are_closed(self):
        with self.p.connect() as s:
            self.assertEqual(read_all(s), b"")
        reply = self.p.raw(b"GET /a HTTP/1.1\r\nHost: x\r\n\r\n")  # keep-alive: closed when idle
        self.assertIn(b"GET [a] 0\n", reply)

    def test_connections_beyond_the_cap_wait_or_evict(self):
        held = []
        for _ in range(30):
            held.append(self.p.connect() if not self.p.tls else
                        socket.create_connection(("127.0.0.1", self.p.port), timeout=WAIT))
        self.assertEqual(self.p.get("/after")[0], 200)
        for s in held:
            s.close()
        self.p.until("connections go", lambda: self.p.counters()["connections"] <= 2)

    def test_unfinished_bodies_are_bounded_in_sum(self):
        before = self.p.counters()["overfull"]
        held = []
        for framing in [b"Content-Length: 8000000\r\n\r\n", b"Transfer-Encoding: chunked\r\n\r\n7a1200\r\n"] * 3:
            s = self.p.connect()
            try:
                s.sendall(b"PUT /x HTTP/1.1\r\nHost: x\r\n" + framing + b"x" * 7900000)
            except (BrokenPipeError, ConnectionResetError, ssl.SSLError):
                pass
            held.append(s)
        self.assertGreater(self.p.counters()["overfull"], before)
        for s in held:
            s.close()
        self.assertEqual(self.p.get("/x", "PUT", b"x" * 8000000)[1], b"PUT [x] 8000000\n")

    def test_idle_connections_make_room_for_new_ones(self):
        before = self.p.counters()["evicted"]
        held = []
        for _ in range(12):  # the cap
            c = http.client.HTTPConnection("127.0.0.1", self.p.port, timeout=WAIT)
            c.sock = self.p.connect()
            c.request("GET", "/held")
            self.assertEqual(c.getresponse().read(), b"GET [held] 0\n")
            held.append(c)
        self.assertGreater(self.p.counters()["evicted"], before)
        for c in held:
            c.close()

    def test_answer_may_come_later(self):
        self.assertEqual(self.p.get("/later?ms=100")[1], b"late\n")
        # longer than every deadline of the connection
        self.assertEqual(self.p.get("/later?ms=2000")[1], b"late\n")

    def test_client_that_leaves_while_kept_is_harmless(self):
        for _ in range(5):
            s = self.p.connect()
            s.sendall(request("GET", "/later?ms=300"))
            s.close()
        self.p.until("connections go", lambda: self.p.counters()["connections"] == 1)

    def test_stream_flows_and_its_end_is_noticed(self):
        before = self.p.counters()["gone"]
        s = self.p.connect()
        s.sendall(b"GET /stream?bytes=99 HTTP/1.1\r\nHost: x\r\n\r\n")
        got = b""
        while len(got) < 5000:
            got += s.recv(4096)
        self.assertIn(b"Transfer-Encoding: chunked", got)
        self.assertEqual(self.p.counters()["streams"], 1)
        s.close()
        self.p.until("the stream is gone", lambda: self.p.counters()["gone"] == before + 1)
        self.assertEqual(self.p.counters()["streams"], 0)

    def test_stream_reader_that_lags_is_dropped(self):
        before = self.p.counters()["lagging"]
        s = self.p.connect()
        s.sendall(b"GET /stream?bytes=60000 HTTP/1.1\r\nHost: x\r\n\r\n")
        self.p.until("the reader is dropped", lambda: self.p.counters()["lagging"] > before)
        s.close()


class Https(Http):
    @classmethod
    def setUpClass(cls):
        cls.temporary = tempfile.TemporaryDirectory()
        cls.folder = cls.temporary.name
        super().setUpClass()

    @classmethod
    def tearDownClass(cls):
        super().tearDownClass()
        cls.temporary.cleanup()

    def test_key_is_readable_by_the_owner_alone(self):
        mode = os.stat(os.path.join(self.folder, "api-key.pem")).st_mode
        self.assertEqual(stat.S_IMODE(mode), 0o600)

    def test_certificate_is_kept_over_restarts(self):
        with open(os.path.join(self.folder, "api-cert.pem")) as f:
            first = f.read()
        other = Probe(self.folder)
        self.assertEqual(other.get("/x")[0], 200)
        self.assertEqual(other.end(), 0)
        with open(os.path.join(self.folder, "api-cert.pem")) as f:
            self.assertEqual(f.read(), first)

    def test_plain_text_on_the_tls_port_gets_nothing(self):
        with socket.create_connection(("127.0.0.1", self.p.port), timeout=WAIT) as s:
            s.sendall(request("GET", "/x"))
            self.assertNotIn(b"HTTP/", read_all(s))

    def test_tls_1_1_is_refused(self):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        context.set_ciphers("ALL:@SECLEVEL=0")
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = ssl.TLSVersion.TLSv1
        context.maximum_version = ssl.TLSVersion.TLSv1_1
        with socket.create_connection(("127.0.0.1", self.p.port), timeout=WAIT) as s:
            with self.assertRaises((ssl.SSLError, ConnectionResetError)):
                context.wrap_socket(s, server_hostname="localhost")


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0]] + sys.argv[1:])
