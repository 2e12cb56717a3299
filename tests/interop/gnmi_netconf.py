#!/usr/bin/env python3
"""One datastore behind two doors: what gNMI sets NETCONF shows (ncclient, which others wrote), and the other way round; what
a Set does while a session of NETCONF holds a lock or has a confirmed commit pending. Then octets that no client would send.
The client of gNMI is Python's gRPC.
"""
import random

import gnmi_common as common
from gnmi_common import POLICY, SID, chain, check, emulation, equal, json, os, sys

sys.path.insert(0, os.path.join(chain.HERE, "..", "lab"))
try:
    import grpc
    import gnmi_target
    import ncclient
except ImportError:
    grpc = ncclient = None


SYNC = b"\x18\x01"  # a SubscribeResponse that has nothing else


def path(text):
    """A path of names, each maybe with keys as a dict."""
    p = gnmi_target.g.Path()
    for elem in text:
        name, keys = elem if isinstance(elem, tuple) else (elem, {})
        p.elem.add(name=name, key=keys)
    return p


def key(color):
    return path(["srv6-policies", ("policy", {"color": str(color), "endpoint": "2001:db8::5"})])


def update(color, value=None):
    g = gnmi_target.g
    return g.Update(path=key(color), val=g.TypedValue(json_ietf_val=json.dumps(value or POLICY).encode()))


class Gnmi:
    def __init__(self, net, router=0):
        self.channel = grpc.insecure_channel(f"127.0.0.1:{net.gnmi_port + router}")

    def raw(self, method, octets, timeout=120):
        call = self.channel.unary_unary(f"/gnmi.gNMI/{method}")
        return call(octets, timeout=timeout)

    def set(self, **parts):
        g = gnmi_target.g
        return g.SetResponse.FromString(self.raw("Set", g.SetRequest(**parts).SerializeToString()))

    def refused(self, status, **parts):
        try:
            self.set(**parts)
        except grpc.RpcError as fault:
            equal(fault.code().name, status, f"status ({fault.details()})")
            return fault.details()
        raise emulation.Fault("the Set was not refused")


class Netconf(emulation.Program):
    def __init__(self, net):
        script = os.path.join(os.path.dirname(os.path.abspath(__file__)), "other.py")
        super().__init__([sys.executable, script, str(net.port), net.path("client")], net.path("other.log"))
        self.expect(lambda l: l.startswith("ready"), 60)

    def ask(self, line, ok=True):
        self.tell(line)
        _, answer = self.expect(lambda l: l.startswith(("ok", "error")), 60)
        check(answer.startswith("ok") == ok, f"{line}: {answer}")
        return answer


def both_doors_show_the_same(net):
    gnmi, netconf = Gnmi(net), Netconf(net)
    gnmi.set(replace=[update(100)])
    check(SID in netconf.ask("show running") and SID in netconf.ask("show candidate"), "gNMI's policy by NETCONF")
    netconf.ask("edit 300 by-netconf")
    netconf.ask("commit")
    g = gnmi_target.g
    told = g.GetResponse.FromString(gnmi.raw("Get", g.GetRequest(
        path=[path(["srv6-policies"])], encoding=g.JSON_IETF).SerializeToString()))
    text = told.notification[0].update[0].val.json_ietf_val.decode()
    check("by-netconf" in text and SID in text, text)
    netconf.stop()


def set_waits_for_no_session(net):
    gnmi, netconf = Gnmi(net), Netconf(net)
    for store in ("candidate", "running"):
        netconf.ask(f"lock {store}")
        before = net.running()
        text = gnmi.refused("ABORTED", replace=[update(101)])
        check("lock" in text, text)
        equal(net.running(), before, f"running with the {store} locked")
        netconf.ask(f"unlock {store}")
    gnmi.set(replace=[update(101)])
    netconf.stop()


def set_is_refused_while_a_confirmed_commit_is_pending(net):
    gnmi, netconf = Gnmi(net), Netconf(net)
    netconf.ask("edit 301 tentative")
    netconf.ask("confirmed one 600")
    before = net.running()
    text = gnmi.refused("ABORTED", delete=[key(100)])
    check("confirmed commit is pending" in text, text)
    equal(net.running(), before, "running")
    netconf.ask("cancel one")
    check("tentative" not in net.running(), net.running())
    gnmi.set(delete=[key(101)])
    netconf.ask("edit 301 tentative")
    netconf.ask("confirmed two 600")
    netconf.ask("confirm two")
    gnmi.set(replace=[update(101)])
    check("tentative" in net.running() and "<color>101<" in net.running(), net.running())
    netconf.stop()


def edits_that_lie_in_the_candidate_stay_and_follow(net):
    gnmi, netconf = Gnmi(net), Netconf(net)
    netconf.ask("edit 302 not-committed-yet")
    gnmi.set(replace=[update(102)], delete=[key(101)])
    check("not-committed-yet" not in net.running() and "<color>102<" in net.running(), net.running())
    netconf.ask("commit")
    running = net.running()
    check("not-committed-yet" in running and "<color>102<" in running and "<color>101<" not in running, running)
    netconf.stop()


def faults_by_order_apply(net):
    gnmi = Gnmi(net)
    for fault, status, applied in (("refuse-edit", "INVALID_ARGUMENT", False), ("close-before-commit", "UNAVAILABLE", False),
                                   ("close-after-commit", "UNAVAILABLE", True)):
        gnmi.set(delete=[key(103)])
        net.order(f"fault r1 {fault}")
        gnmi.refused(status, replace=[update(103)])
        equal("<color>103<" in net.running(), applied, f"applied with {fault}")
    net.order("fault r1 alter")
    gnmi.set(replace=[update(103)])
    check("<weight>77<" in net.running(), net.running())


def stopped_router_answers_nothing(net):
    gnmi = Gnmi(net)
    net.order("stop r1")
    gnmi.refused("UNAVAILABLE", replace=[update(104)])
    net.order("start r1")
    gnmi.set(replace=[update(104)])


def bent(rng, octets):
    """The octets with something wrong in them."""
    b = bytearray(octets)
    for _ in range(rng.randint(1, 8)):
        how = rng.randint(0, 3)
        if how == 0 and b:
            b[rng.randrange(len(b))] = rng.randrange(256)
        elif how == 1 and b:
            del b[rng.randrange(len(b)):]
        elif how == 2:
            b[rng.randint(0, len(b)):0] = rng.randbytes(rng.randint(1, 9))
        elif b:
            at = rng.randrange(len(b))
            b += b[at:]
    return bytes(b)


def octets_of_no_client_do_no_harm(net):
    g = gnmi_target.g
    gnmi = Gnmi(net, 1)
    rng = random.Random(1)
    nested = b""
    for _ in range(5000):
        nested = b"\x0a" + (bytes([len(nested)]) if len(nested) < 128 else bytes([len(nested) & 127 | 128, len(nested) >> 7])) + nested
        if len(nested) > 16000:
            break
    sets = g.SetRequest(replace=[update(1), update(2)], update=[update(3)], delete=[key(4)]).SerializeToString()
    gets = g.GetRequest(path=[key(1), path(["interfaces"])], encoding=g.JSON_IETF).SerializeToString()
    subs = g.SubscribeRequest(subscribe=g.SubscriptionList(mode=g.SubscriptionList.ONCE, subscription=[g.Subscription(
        path=path(["*", "*"]), mode=g.ON_CHANGE, sample_interval=1)])).SerializeToString()
    for i in range(400):
        for method, good in (("Set", sets), ("Get", gets), ("Capabilities", b""), ("NoSuch", b"")):
            try:
                gnmi.raw(method, nested if i == 0 else bent(rng, good))
            except grpc.RpcError as fault:
                check(fault.code().name in ("INVALID_ARGUMENT", "NOT_FOUND", "UNIMPLEMENTED", "RESOURCE_EXHAUSTED", "ABORTED"),
                      f"{method}: {fault.code()} {fault.details()}")
        call = gnmi.channel.stream_stream("/gnmi.gNMI/Subscribe")
        try:
            # What became a STREAM goes on after the sync, and every other one is left before.
            answers = call(iter([nested if i == 0 else bent(rng, subs)]), timeout=60)
            for answer in answers:
                if answer == SYNC or i % 2:
                    answers.cancel()
        except grpc.RpcError:
            pass
    Gnmi(net, 1).set(delete=[path([])])
    check("<policy>" not in net.running("r2"), net.running("r2"))


def needs():
    chain.require("grpc", grpc is not None, "python3-grpcio or python3-ncclient is not installed")


if __name__ == "__main__":
    if ncclient is None and sys.executable != "/usr/bin/python3" and os.access("/usr/bin/python3", os.X_OK):
        os.execv("/usr/bin/python3", ["/usr/bin/python3"] + sys.argv)
    sys.exit(common.run([
        both_doors_show_the_same, set_waits_for_no_session, set_is_refused_while_a_confirmed_commit_is_pending,
        edits_that_lie_in_the_candidate_stay_and_follow, faults_by_order_apply, stopped_router_answers_nothing,
        octets_of_no_client_do_no_harm], needs, tls=False))
