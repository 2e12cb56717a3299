#!/usr/bin/env python3
"""A backup of a running karstd, made while intents come and go, restored: exactly what was acknowledged before it is
there, the routers are brought to it, and what is not Karst's stays. Backups go to administrators only; karstd --restore
refuses while another karstd runs, a damaged file, a newer one, and leaves the store as it was.
"""
import os
import sqlite3
import subprocess
import sys
import threading

import chain
from chain import check, equal


def settled(net, wanted):
    net.wait("all active", lambda: all(p["state"] == "active" for p in net.policies().values()), 60)
    equal(set(net.intents()), wanted, "intents")
    net.wait("routers equal to the store", lambda: sum(len(p) for p in net.ours().values()) == len(wanted), 30)


def put(net, name):
    net.put_good(name, **{"from": "r1", "to": "r5", "objective": "delay", "bandwidth-bps": "1000000"})


def restore(net, file):
    """karstd --restore; (status, what it said)."""
    done = subprocess.run([net.program("karstd"), "--config", net.config, "--restore", file],
                          capture_output=True, text=True, timeout=60, env=net.env, check=False)
    return done.returncode, done.stderr


def backup_under_load_has_what_was_acknowledged(net):
    for i in range(8):
        put(net, f"kept-{i}")
    acknowledged, stop = set(), threading.Event()

    def load():
        n = 0
        while not stop.is_set():
            put(net, f"load-{n}")
            acknowledged.add(f"load-{n}")
            n += 1
    worker = threading.Thread(target=load)
    worker.start()
    net.wait("some load", lambda: len(acknowledged) > 5, 30)
    before = set(acknowledged)
    net.karst("backup", net.path("busy.db"))
    after = set(acknowledged) | {f"load-{len(acknowledged)}"}
    stop.set()
    worker.join(30)
    db = sqlite3.connect(net.path("busy.db"))
    keys = {k for (k,) in db.execute("SELECT key FROM record WHERE key LIKE 'load-%'")}
    db.close()
    stored = {k for k in keys if "~" not in k and "/" not in k}  # but moves of policies
    check(before <= stored, f"not in the backup: {sorted(before - stored)}")
    check(stored <= after, f"too new for the backup: {sorted(stored - after)}")
    equal(os.stat(net.path("busy.db")).st_mode & 0o777, 0o600, "mode of the backup")
    for name in acknowledged:
        equal(net.delete(name)[0], 204, f"deleting {name}")
    settled(net, {f"kept-{i}" for i in range(8)})


def backups_overwrite_nothing_and_go_to_administrators_only(net):
    message = net.karst("backup", net.path("busy.db"), ok=(2,))
    check(message is not None, "no message")
    status, _, body = net.request("GET", "/backup", token="0" * 64)
    equal(status, 401, f"a forged token: {body}")
    equal(net.request("PUT", "/backup", "x")[0], 405, "PUT")


def tokens_have_roles_and_an_end(net):
    """Each role may what it may; a revoked token is nobody's."""
    secret = net.karst("token", "create", "shift", "--role", "operator", "--days", "2").strip()
    check(secret.startswith("karst_") and secret not in net.karst("token", "list"), "the secret shows")
    check("shift" in net.karst("token", "list"), net.karst("token", "list"))
    operations = "/restconf/operations/karst-operations:"
    equal(net.request("POST", operations + "resume", "{}", token=secret)[0], 204, "resume by an operator")
    for method, path in (("GET", "/backup"), ("POST", operations + "set-mode"), ("POST", operations + "create-token"),
                         ("GET", "/restconf/data/karst-operations:operations/token"),
                         ("GET", "/restconf/data/karst-operations:operations/audit")):
        status, _, body = net.request(method, path, "{}" if method == "POST" else None, token=secret)
        equal(status, 403, f"{method} {path} by an operator: {body}")
    net.karst("token", "create", "shift", ok=(1,))
    net.karst("token", "revoke", "shift")
    equal(net.request("GET", "/metrics", token=secret)[0], 401, "a revoked token")
    net.karst("token", "revoke", "first", ok=(1,))
    check("refused for want of" not in net.karst("audit"), "audit")
    denied = [a for a in net.karst("audit", "-o", "json")["karst-operations:audit"] if a.get("result") == "403"]
    check(len(denied) == 3 and {a["author"] for a in denied} == {"shift"}, f"audited refusals: {denied}")


def restored_backup_brings_the_routers_back(net):
    net.karst("backup", net.path("good.db"))
    put(net, "later")
    equal(net.delete("kept-0")[0], 204, "deleting")
    settled(net, {"later"} | {f"kept-{i}" for i in range(1, 8)})
    status, text = restore(net, net.path("good.db"))
    equal(status, 1, text)
    check("is in use by another process" in text, text)
    equal(net.karstd.stop(), 0, "status of karstd")
    status, text = restore(net, net.path("good.db"))
    equal(status, 0, text)
    check("8 intents, 8 policies" in text, text)
    check(os.path.exists(os.path.join(net.state, "karst.db.before-restore")), "the former store is gone")
    net.start_karstd()
    net.wait_ready()
    settled(net, {f"kept-{i}" for i in range(8)})


def what_cannot_be_restored_is_refused_by_name(net):
    equal(net.karstd.stop(), 0, "status of karstd")
    os.remove(os.path.join(net.state, "karst.db.before-restore"))
    with open(os.path.join(net.state, "karst.db"), "rb") as f:
        whole = f.read()
    with open(net.path("good.db"), "rb") as f:
        good = f.read()
    newer = sqlite3.connect(net.path("good.db"))
    newer.execute("UPDATE record SET version = 99")
    newer.commit()
    newer.close()
    status, text = restore(net, net.path("good.db"))
    check(status == 1 and "written by a newer Karst" in text, text)
    with open(net.path("cut.db"), "wb") as f:
        f.write(good[:len(good) // 2])
    status, text = restore(net, net.path("cut.db"))
    check(status == 2 and "cut.db" in text and "damaged" in text, text)
    status, text = restore(net, net.path("nowhere.db"))
    check(status == 1 and "No such file" in text, text)
    with open(os.path.join(net.state, "karst.db"), "rb") as f:
        check(f.read() == whole, "the store was touched")
    net.start_karstd()
    net.wait_ready()
    settled(net, {f"kept-{i}" for i in range(8)})


if __name__ == "__main__":
    sys.exit(chain.run("backup", [backup_under_load_has_what_was_acknowledged,
                                  backups_overwrite_nothing_and_go_to_administrators_only,
                                  tokens_have_roles_and_an_end,
                                  restored_backup_brings_the_routers_back,
                                  what_cannot_be_restored_is_refused_by_name]))
