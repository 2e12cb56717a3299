#!/usr/bin/env python3
"""pygnmi, which others wrote, against the gNMI server of the emulated routers, over mutual TLS with a name and a password."""
import os
import sys

import gnmi_common as common
from gnmi_common import POLICY, SID, chain, check, equal

try:
    from pygnmi.client import gNMIclient, gNMIException
except ImportError:
    gNMIclient = gNMIException = None

VENV = os.path.join(chain.BUILD, "tools", "pygnmi", "bin", "python3")
PATH = "/srv6-policies/policy[color=100][endpoint=2001:db8::5]"


def client(net, password="secret", router=0):
    return gNMIclient(target=("127.0.0.1", net.gnmi_port + router), username="karst", password=password,
                      path_root=net.path("ca.crt"), path_cert=net.path("peer.crt"), path_key=net.path("peer.key"),
                      override="localhost", gnmi_timeout=120)


def refused(what, status):
    """The words of a refusal with that status."""
    try:
        what()
    except gNMIException as fault:
        code = fault.orig_exc.code().name
        equal(code, status, f"status ({fault})")
        return str(fault)
    raise common.emulation.Fault("it was not refused")


def capabilities_are_told(net):
    with client(net) as c:
        told = c.capabilities()
    equal(sorted(told["supported_encodings"]), ["json", "json_ietf", "proto"], "encodings")
    equal([m["name"] for m in told["supported_models"]], ["karst-device", "openconfig-interfaces"], "models")


def wrong_password_is_refused(net):
    refused(client(net, password="guessed").connect, "UNAUTHENTICATED")


def set_and_get_agree(net):
    with client(net) as c:
        done = c.set(replace=[(PATH, POLICY)], encoding="json_ietf")
        equal([(r["path"], r["op"]) for r in done["response"]],
              [("srv6-policies/policy[color=100][endpoint=2001:db8::5]", "REPLACE")], "answer")
        told = c.get(path=[PATH], encoding="json_ietf", datatype="config")["notification"][0]["update"][0]["val"]
        told = {k.split(":")[-1]: v for k, v in told.items()}
        equal(told["candidate-path"], POLICY["candidate-path"], "what was set")
        equal(told["color"], 100, "key")
        state = c.get(path=[PATH + "/state/oper-state"], encoding="proto")["notification"][0]["update"][0]
        equal(state["val"], "up", "state")
    check(SID in net.running(), net.running())


def update_merges_and_replace_does_not(net):
    second = {"preference": 50, "name": "second"}
    with client(net) as c:
        c.set(update=[(PATH, {"candidate-path": [second]}), (PATH + "/name", '"karst-b"')], encoding="json_ietf")
        running = net.running()
        check("karst-b" in running and SID in running and "second" in running, running)
        c.set(replace=[(PATH, {"name": "karst-c", "candidate-path": [second]})], encoding="json_ietf")
        running = net.running()
        check("karst-c" in running and SID not in running and "second" in running, running)


def what_is_wrong_changes_nothing(net):
    before = net.running()
    wrong = [
        (f"{PATH}/no-such", {"a": 1}, "no-such"),
        ("/srv6-policies/policy[color=1]", {}, "2 keys"),
        (f"{PATH}/color", "7", "key"),
        (PATH, {"color": 7}, "color"),
        (PATH, {"name": 5}, "name"),
        (PATH, {"candidate-path": [{"preference": 1, "segment-list": [{"id": 1, "segment": [{"index": 1}]}]}]}, "sid"),
        (PATH, {"candidate-path": [{"preference": 1, "segment-list": [{"id": 1, "segment": [{"index": 1, "sid": "x"}]}]}]}, "sid"),
        (PATH, {"state": {"oper-state": "up"}}, "state"),
        (PATH, [1, 2], "object"),
        (PATH, "[" * 1000 + "]" * 1000, "JSON"),
        ("/telemetry/interface[name=x]", {}, "state"),
        ("/srv6-policies/policy[shade=1][endpoint=::1]", {}, "shade"),
    ]
    good = ("/srv6-policies/policy[color=101][endpoint=2001:db8::5]", POLICY)
    with client(net) as c:
        for path, value, word in wrong:
            for how in ("update", "replace"):
                text = refused(lambda: c.set(delete=[PATH], **{how: [good, (path, value)]}, encoding="json_ietf"),
                               "INVALID_ARGUMENT")
                check(word in text, f"{path} {value!r}: {text}")
                equal(net.running(), before, f"running after {path} {value!r}")
        refused(lambda: c.get(path=["/no-such"], encoding="json_ietf"), "NOT_FOUND")


def deletes_take_wildcards_and_what_is_not_there(net):
    with client(net) as c:
        c.set(update=[(f"/srv6-policies/policy[color={n}][endpoint=2001:db8::5]", POLICY) for n in range(200, 300)],
              encoding="json_ietf")
        equal(net.running().count("<color>2"), 100, "policies")
        c.set(delete=["/srv6-policies/policy[color=777][endpoint=::1]", f"{PATH}/binding-sid"])
        c.set(delete=["/srv6-policies/policy[color=*][endpoint=2001:db8::5]"])
        running = net.running()
        check("2001:db8::5<" not in running and "999999" in running, running)


def order_is_deletes_replaces_updates(net):
    with client(net) as c:
        c.set(update=[(PATH + "/name", '"karst-update"')], replace=[(PATH, POLICY)], delete=["/srv6-policies"],
              encoding="json_ietf")
    running = net.running()
    check("karst-update" in running and SID in running and "999999" not in running, running)


def changes_are_streamed(net):
    wanted = {"subscription": [{"path": f"{PATH}/name", "mode": "on_change"}], "mode": "stream", "encoding": "proto"}
    with client(net) as watching, client(net) as c:
        told = watching.subscribe_stream(subscribe=wanted)
        first = told.get_update(timeout=120)
        equal([u["val"] for u in first["update"]["update"]], ["karst-update"], "what is told first")
        c.set(update=[(f"{PATH}/name", '"karst-changed"')], encoding="json_ietf")
        after = told.get_update(timeout=120)
        while "update" not in after:
            after = told.get_update(timeout=120)
        equal([u["val"] for u in after["update"]["update"]], ["karst-changed"], "what is told then")
        c.set(delete=[PATH])
        gone = told.get_update(timeout=120)
        check(PATH.strip("/") in str(gone["update"].get("delete")), f"{gone}")
        told.close()


def routers_do_not_mix(net):
    with client(net) as one, client(net, router=1) as two:
        one.set(replace=[(PATH, POLICY)], encoding="json_ietf")
        refused(lambda: two.get(path=[PATH], encoding="json_ietf"), "NOT_FOUND")
        check(SID not in net.running("r2"), net.running("r2"))


def needs():
    chain.require("pygnmi", gNMIclient is not None, "pygnmi is not there (./dev test installs it)")


if __name__ == "__main__":
    if gNMIclient is None and os.path.exists(VENV) and sys.executable != VENV:
        os.execv(VENV, [VENV, os.path.abspath(__file__)])
    sys.exit(common.run([
        capabilities_are_told, wrong_password_is_refused, set_and_get_agree, update_merges_and_replace_does_not,
        what_is_wrong_changes_nothing, deletes_take_wildcards_and_what_is_not_there, order_is_deletes_replaces_updates,
        changes_are_streamed, routers_do_not_mix], needs, options=["--gnmi-user", "karst:secret"]))
