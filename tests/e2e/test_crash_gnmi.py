#!/usr/bin/env python3
"""The crash matrix of test_crash.py with routers that are driven by gNMI: one end of a bidirectional intent by gNMI, the
other by NETCONF, and after a death before any effect both hold the change, or neither.
"""
import sys

import test_crash


class Network(test_crash.Network):
    def start_routers(self):
        self.serve_gnmi()
        for i, n in list(enumerate(self.nodes))[:2]:
            self.device_extra[n] = {"driver": "gnmi", "gnmi": {"port": self.gnmi_port + i, "tls": False,
                                                              "telemetry": False}}
        super().start_routers()


if __name__ == "__main__":
    sys.exit(test_crash.main(Network))
