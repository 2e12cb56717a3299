#!/usr/bin/env python3
"""OpenConfig's gnmi_cli, which others wrote, against the gNMI server of the emulated routers, over mutual TLS."""
import re

import gnmi_common as common
from gnmi_common import POLICY, SID, chain, check, emulation, equal, json, os, subprocess, sys

CLI = os.path.join(chain.BUILD, "tools", "gnmi_cli")
KEY = ('elem: {name: "srv6-policies"} elem: {name: "policy" key: {key: "color" value: "%s"} '
       'key: {key: "endpoint" value: "2001:db8::5"}}')


def command(net, *args):
    return [CLI, "-address", f"127.0.0.1:{net.gnmi_port}", "-ca_crt", net.path("ca.crt"), "-client_crt", net.path("peer.crt"),
            "-client_key", net.path("peer.key"), "-server_name", "localhost", "-target", "r1", "-timeout", "60s", *args]


def cli(net, *args, ok=True):
    run = subprocess.run(command(net, *args), capture_output=True, text=True, timeout=120, check=False)
    said = run.stdout + run.stderr
    # It ends with status 0 whatever happens; a fault is what it logs.
    check(("code = " not in said) == ok, f"gnmi_cli {' '.join(args)}: {said}")
    return said


def quoted(value):
    return json.dumps(value).replace("\\", "\\\\").replace('"', '\\"')


def capabilities_name_models_and_encodings(net):
    said = cli(net, "-capabilities")
    for word in ("karst-device", "openconfig-interfaces", "JSON_IETF", "PROTO", "0.10.0"):
        check(word in said, f"no {word} in {said}")


def set_replaces_and_get_shows(net):
    cli(net, "-set", "-proto", f'replace: {{ path: {{ {KEY % 100} }} val: {{ json_ietf_val: "{quoted(POLICY)}" }} }}')
    said = cli(net, "-get", "-proto", f"path: {{ {KEY % 100} }} encoding: JSON_IETF type: CONFIG")
    check(SID in said and "karst-a" in said, said)
    check("oper-state" not in said, f"state among the configuration: {said}")
    check(SID in net.running(), net.running())


def set_is_all_or_nothing(net):
    before = net.running()
    said = cli(net, "-set", "-proto", f"delete: {{ {KEY % 100} }} update: {{ path: {{ {KEY % 101} }} "
               'val: { json_ietf_val: "{\\"no-such\\": 1}" } }', ok=False)
    check("InvalidArgument" in said and "no-such" in said, said)
    equal(net.running(), before, "running after a Set that was refused")


def set_deletes(net):
    cli(net, "-set", "-proto", f"delete: {{ {KEY % 100} }}")
    check(SID not in net.running(), net.running())
    said = cli(net, "-get", "-proto", f"path: {{ {KEY % 100} }} encoding: JSON_IETF", ok=False)
    check("NotFound" in said, said)


def once_polling_and_streaming_tell_counters(net):
    net.order("interface r1 eth0 7")
    net.order("rate r1 eth0 8000000")
    query = "interfaces/interface[name=*]/state/counters/out-octets"
    once = cli(net, "-q", query, "-qt", "once", "-dt", "single")
    check("eth0" in once and "out-octets" in once, once)
    said = cli(net, "-q", query, "-qt", "polling", "-pi", "100ms", "-count", "3", "-dt", "group")
    values = [int(v) for v in re.findall(r'out-octets": [^}]*?(\d+)', said)]
    check(len(values) == 3 and values == sorted(values) and values[-1] > values[0], f"polling: {said}")
    streaming = emulation.Program(command(net, "-q", query, "-qt", "streaming", "-dt", "single"), net.path("cli.log"),
                                  stdin=False)
    values = []
    while len(values) < 3:
        _, line = streaming.expect(lambda l: "out-octets" in l, 60)
        values.append(int(re.search(r"out-octets, \D*(\d+)", line)[1]))
    streaming.stop()
    check(values == sorted(values) and values[-1] > values[0], f"streaming: {values}")


def others_are_refused(net):
    run = subprocess.run([CLI, "-address", f"127.0.0.1:{net.gnmi_port}", "-ca_crt", net.path("ca.crt"), "-server_name",
                          "localhost", "-timeout", "3s", "-capabilities"], capture_output=True, text=True, timeout=120,
                         check=False)
    said = run.stdout + run.stderr
    check("karst-device" not in said, f"without a certificate: {said}")


def needs():
    chain.require("go", os.path.exists(CLI), "gnmi_cli is not there (./dev test installs it where Go is)")


if __name__ == "__main__":
    sys.exit(common.run([capabilities_name_models_and_encodings, set_replaces_and_get_shows, set_is_all_or_nothing,
                         set_deletes, once_polling_and_streaming_tell_counters, others_are_refused], needs))
