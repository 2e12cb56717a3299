#!/usr/bin/env python3
"""ncclient, an independent client, and the emulated routers: what RFC 6241 promises a client.

Edit, get and get-config with filters, locks denied with the holder's id, confirmed commit with persist: confirmed from
another session, cancelled, timed out; a refused edit leaves the candidate alone.
"""
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time


def skip(need, why):
    required = need in os.environ.get("KARST_REQUIRE", "").split(",")
    print(("FAILED: " if required else "skipped: ") + why)
    sys.exit(1 if required else 77)


try:
    from ncclient import manager
    from ncclient.operations.rpc import RPCError
except ImportError:
    # Another python3 may come first in PATH than the one that Debian's package belongs to.
    if sys.executable != "/usr/bin/python3" and os.access("/usr/bin/python3", os.X_OK):
        os.execv("/usr/bin/python3", ["/usr/bin/python3"] + sys.argv)
    skip("ncclient", "python3-ncclient is not there")
if not os.path.isdir("/usr/share/yuma/modules/ietf"):
    skip("yuma", "the package libyuma-base with ietf-netconf's YANG modules is not there")

SRC = os.environ.get("KARST_SRCDIR", ".")
BUILD = os.environ.get("KARST_BUILDDIR", ".")
NC = "urn:ietf:params:xml:ns:netconf:base:1.0"
DEV = "urn:karst:yang:karst-device"
ALL = ("subtree", '<srv6-policies xmlns="%s"/>' % DEV)


def config(color, operation="replace", name="karst-x", sid="2001:db8:1::1"):
    body = ("<name>%s</name><candidate-path><preference>100</preference><segment-list><id>1</id><segment>"
            "<index>1</index><sid>%s</sid></segment></segment-list></candidate-path>" % (name, sid))
    return ('<config xmlns="%s" xmlns:nc="%s"><srv6-policies xmlns="%s"><policy nc:operation="%s"><color>%d</color>'
            "<endpoint>2001:DB8:0::0:1</endpoint>%s</policy></srv6-policies></config>"
            % (NC, NC, DEV, operation, color, body if operation not in ("remove", "delete") else ""))


def colors(m, source="running"):
    return [int(c) for c in re.findall(r"<color>(\d+)", m.get_config(source, filter=ALL).data_xml)]


def refused(tag, call, *args, **kwargs):
    try:
        call(*args, **kwargs)
    except RPCError as e:
        assert e.tag == tag, (e.tag, e.message)
        return e
    raise AssertionError("%s was expected" % tag)


class Routers:
    def __init__(self):
        self.dir = tempfile.mkdtemp(prefix="karst-ncclient-")
        for key in ("host", "id"):
            subprocess.run(["ssh-keygen", "-qt", "ed25519", "-N", "", "-f", "%s/%s" % (self.dir, key)], check=True)
        with socket.socket() as s:
            s.bind(("127.0.0.1", 0))
            self.port = s.getsockname()[1]
        yang = os.environ.get("KARST_YANG_PATH", SRC + "/models/yang") + ":/usr/share/yuma/modules/ietf"
        self.process = subprocess.Popen(
            [BUILD + "/karst-lab-routers", "--count", "1", "--port", str(self.port), "--host-key", self.dir + "/host",
             "--authorized", self.dir + "/id.pub", "--yang", yang],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout.readline().startswith("ready 1 ")

    def connect(self):
        return manager.connect(host="127.0.0.1", port=self.port, username="anyone", key_filename=self.dir + "/id",
                               hostkey_verify=False, allow_agent=False, look_for_keys=False, timeout=20)

    def stop(self):
        self.process.communicate("quit\n", timeout=20)
        shutil.rmtree(self.dir)
        assert self.process.returncode == 0, self.process.returncode


def check_edit_and_get(a, b):
    a.edit_config(config(7), target="candidate", default_operation="merge", error_option="rollback-on-error")
    assert colors(a) == [999999] and sorted(colors(a, "candidate")) == [7, 999999]
    a.validate("candidate")
    a.commit()
    assert sorted(colors(b)) == [7, 999999]
    xml = b.get(filter=("subtree", '<srv6-policies xmlns="%s"><policy><color>7</color></policy></srv6-policies>'
                        % DEV)).data_xml
    assert "<endpoint>2001:db8::1</endpoint>" in xml and "<oper-state>up</oper-state>" in xml and "999999" not in xml
    refused("data-exists", a.edit_config, config(7, "create"), target="candidate")
    refused("data-missing", a.edit_config, config(8, "delete"), target="candidate")
    refused("operation-failed", a.edit_config, config(8), target="running")  # no writable-running
    a.edit_config(config(7, "remove"), target="candidate")
    a.edit_config(config(7, "remove"), target="candidate")
    a.commit()
    assert colors(b) == [999999]


def check_refused_edit_changes_nothing(a):
    both = config(5).replace("</srv6-policies>", "<nonsense/></srv6-policies>")
    refused("unknown-element", a.edit_config, both, target="candidate")
    assert colors(a, "candidate") == [999999]
    # What only a commit can see: a segment without its SID.
    a.edit_config(config(5).replace("<sid>2001:db8:1::1</sid>", ""), target="candidate")
    refused("operation-failed", a.commit)
    assert colors(a) == [999999]
    a.discard_changes()
    assert colors(a, "candidate") == [999999]


def check_locks(a, b):
    a.lock("candidate")
    e = refused("lock-denied", b.lock, "candidate")
    assert "<session-id>%s</session-id>" % a.session_id in e.info, e.info
    refused("in-use", b.edit_config, config(5), target="candidate")
    refused("in-use", b.commit)
    refused("operation-failed", b.unlock, "candidate")
    a.edit_config(config(5), target="candidate")
    a.close_session()
    time.sleep(0.3)
    assert colors(b, "candidate") == [999999]
    b.edit_config(config(5), target="candidate")
    refused("lock-denied", b.lock, "candidate")
    b.discard_changes()
    b.lock("candidate")
    b.unlock("candidate")


def check_confirmed_commit(routers, b):
    a = routers.connect()
    a.edit_config(config(6), target="candidate")
    a.commit(confirmed=True, timeout="60", persist="p-1")
    a.close_session()
    assert sorted(colors(b)) == [6, 999999]
    refused("lock-denied", b.lock, "running")
    refused("invalid-value", b.commit)
    refused("invalid-value", b.commit, persist_id="p-2")
    refused("invalid-value", b.cancel_commit, persist_id="p-2")
    b.cancel_commit(persist_id="p-1")
    assert colors(b) == [999999] and colors(b, "candidate") == [999999]
    b.edit_config(config(6), target="candidate")
    b.commit(confirmed=True, timeout="60", persist="p-3")
    c = routers.connect()
    c.commit(persist_id="p-3")
    refused("invalid-value", c.cancel_commit, persist_id="p-3")
    c.edit_config(config(6, "remove"), target="candidate")
    c.commit(confirmed=True, timeout="1", persist="p-4")
    assert colors(c) == [999999]
    time.sleep(1.3)
    assert sorted(colors(c)) == [6, 999999]
    # Without persist it ends with its session.
    c.edit_config(config(9), target="candidate")
    c.commit(confirmed=True, timeout="60")
    c.close_session()
    time.sleep(0.3)
    assert sorted(colors(b)) == [6, 999999]


def main():
    routers = Routers()
    try:
        a, b = routers.connect(), routers.connect()
        for c in ("candidate:1.0", "confirmed-commit:1.1", "rollback-on-error:1.0", "validate:1.1"):
            assert any(c in x for x in a.server_capabilities), c
        assert not any("writable-running" in x and "features" not in x for x in a.server_capabilities)
        check_edit_and_get(a, b)
        check_refused_edit_changes_nothing(a)
        check_locks(a, b)
        check_confirmed_commit(routers, b)
        assert "container srv6-policies" in b.get_schema("karst-device").data
        b.close_session()
    finally:
        routers.stop()
    print("ncclient agrees with the emulated routers")


main()
