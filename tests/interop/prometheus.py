#!/usr/bin/env python3
"""Prometheus as scraper of karstd's /metrics, with the set-up that the README shows: HTTPS, karstd's CA, a token of role
viewer. The target is up, and the rate of a link that routers stream is a series of Prometheus.
"""
import json
import os
import shutil
import subprocess
import sys
import urllib.parse
import urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "e2e"))
import chain
from chain import check, emulation, equal

PROGRAM = shutil.which("prometheus") or "/usr/bin/prometheus"
RATE = 200 * 10**6


class Scraped(chain.Chain):
    prometheus = None

    def __init__(self, name, **options):
        options["extra_config"] = {"telemetry": {"window-s": 3, "resolution-s": 1}}
        super().__init__(name, **options)
        self.serve_gnmi()

    def write_config(self):
        self.measure()
        self.stream_gnmi(["r1"])
        super().write_config()

    def start_prometheus(self):
        self.prometheus_port = emulation.free_port()
        status, _, body = self.request("POST", "/restconf/operations/karst-operations:create-token",
                                       {"karst-operations:input": {"name": "prometheus", "role": "viewer"}})
        equal(status, 200, f"create-token: {body}")
        with open(self.path("karst.token"), "w", encoding="ascii") as f:
            f.write(body["karst-operations:output"]["secret"] + "\n")
        with open(self.path("prometheus.yml"), "w", encoding="ascii") as f:
            json.dump({"scrape_configs": [{
                "job_name": "karst", "scheme": "https", "scrape_interval": "1s", "scrape_timeout": "1s",
                "authorization": {"credentials_file": self.path("karst.token")},
                "tls_config": {"ca_file": os.path.join(self.state, "api-cert.pem")},
                "static_configs": [{"targets": [f"localhost:{self.api_port}"]}]}]}, f)
        self.prometheus = emulation.Program(
            [PROGRAM, "--config.file", self.path("prometheus.yml"), "--storage.tsdb.path", self.path("tsdb"),
             "--web.listen-address", f"127.0.0.1:{self.prometheus_port}"], self.path("prometheus.log"), stdin=False)

    def query(self, text):
        """What Prometheus has: a list of (labels, value)."""
        url = f"http://127.0.0.1:{self.prometheus_port}/api/v1/query?query={urllib.parse.quote(text)}"
        with urllib.request.urlopen(url, timeout=60) as answer:
            told = json.load(answer)
        equal(told["status"], "success", text)
        return [(r["metric"], float(r["value"][1])) for r in told["data"]["result"]]

    def stop(self):
        if self.prometheus:
            self.prometheus.stop()
            self.prometheus = None
        return super().stop()


def target_is_up(net):
    net.start_prometheus()
    net.wait("the target is up", lambda: [v for _, v in net.query('up{job="karst"}')] == [1.0], 60)


def series_are_karsts(net):
    net.order_router(f"rate r1 r1--r3 {RATE}")

    def measured():
        values = [v for _, v in net.query('karst_link_measured_bps{link="r1--r3"}')]
        return values and 0.9 * RATE < values[0] < 1.1 * RATE

    net.wait("the rate of a link", measured, 60)


def every_line_is_understood(net):
    """promtool, if it is there, would say what Prometheus only drops."""
    status, headers, text = net.request("GET", "/metrics")
    equal(status, 200, "GET /metrics")
    check(headers["content-type"].startswith("text/plain"), headers["content-type"])
    promtool = shutil.which("promtool") or "/usr/bin/promtool"
    if os.path.exists(promtool):
        run = subprocess.run([promtool, "check", "metrics"], input=text, capture_output=True, text=True, timeout=60,
                             check=False)
        # What it would have named otherwise is a matter of taste; what it cannot read is none.
        check("error while linting" not in run.stderr and run.returncode in (0, 3), f"{run.returncode}: {run.stderr}")
    names = {l.split("{")[0].split(" ")[0] for l in text.splitlines() if l and l[0] != "#"}
    kept = {m["__name__"] for m, _ in net.query('{job="karst", __name__=~"karst_.+"}')}
    check(names <= kept, f"Prometheus lacks {sorted(names - kept)}")


def main():
    try:
        chain.require("prometheus", os.path.exists(PROGRAM), "prometheus is not installed")
    except chain.Skip as lacking:
        print(f"skipped: {lacking}")
        return 77
    return chain.run("prometheus", [target_is_up, series_are_karsts, every_line_is_understood], kind=Scraped)


if __name__ == "__main__":
    sys.exit(main())
