#!/usr/bin/env python3
"""The operators' page in a real browser: what it shows is what the API says, what it changes it changes by the API's
operations, and what comes from outside stays text."""
import sys

import browser
import chain
from chain import check, equal

FAST = ["r1--r3", "r3--r5"]
ROUND = ["r1--r2", "r2--r3", "r3--r5"]
DEMAND = {"from": "r1", "to": "r5", "objective": "delay", "bandwidth-bps": "10000000"}
MARKUP = "<img src=x onerror=\"document.title='taken'\"><b>bold</b>"


def login(net, token):
    net.page.run("sessionStorage.clear()")
    net.page.go(f"https://127.0.0.1:{net.api_port}/")
    net.page.type("#token", token)
    net.page.click("#login button")
    net.page.wait("connected", lambda: net.page.text("#link") == "connected")


def row(net, table, name):
    return next((r for r in net.page.rows(table) if r[0] == name), None)


def choose(net, table, name):
    net.page.run("[...document.getElementById(arguments[0]).rows].find(r => r.cells[0].innerText === arguments[1]).click()",
                 table, name)


def page_shows_policies(net):
    net.page.go(f"https://127.0.0.1:{net.api_port}/")
    net.page.wait("a refusal", lambda: "token" in net.page.text("#link").lower())
    net.put_good("fast", description=MARKUP, **DEMAND)
    net.wait_path("fast", FAST)
    net.wait_state("fast", "active")
    net.page.complaints()
    login(net, net.token())
    shown = net.page.wait("the policy", lambda: row(net, "policies", "fast"))
    equal((shown[1], shown[3], shown[5]), ("active", "r1 › r3 › r5", "10 Mbit/s"), "state, path, booking")
    equal(row(net, "intents", "fast")[7], MARKUP, "a description with markup")
    equal(net.page.run("return document.title"), "Karst", "title")
    lines, dots = net.page.run("return ['line', 'circle'].map(s => document.querySelectorAll('#map ' + s).length)")
    topology = net.karst("topology", "-o", "json")["karst-topology:topology"]
    equal((lines * 2, dots), (len(topology["link"]), len(topology["node"])), "lines and dots of the map")
    choose(net, "policies", "fast")
    net.page.wait("its links on the map", lambda: net.page.run("return document.querySelectorAll('#map line.chosen').length") == 2)
    moves = net.page.wait("its moves", lambda: net.page.rows("detail-moves"))
    check("intent made" in moves[0][2] and "confirmed" in moves[0][2], moves)
    others = [c for c in net.page.complaints() if "401" not in c]  # those were before the login
    equal(others, [], "complaints on the browser's console")


def change_is_approved_on_the_page(net):
    net.karst("mode", "advise")
    net.say("cut r1--r3")
    waits = net.page.wait("the change", lambda: [r for r in net.page.rows("changes") if len(r) > 5])
    check(waits[0][2] == "fast" and "dead" in waits[0][3], waits)
    check(all(l in waits[0][5] for l in ROUND) and FAST[0] in waits[0][4], waits)
    net.page.wait("the mode", lambda: "advise" in net.page.text("#overview"))
    net.page.wait("the cut link", lambda: net.page.run("return document.querySelectorAll('#map line.gone').length") == 1)
    alarm = net.page.wait("the alarm", lambda: row_of_alarm(net, "policy/fast"))
    check("approval" in " ".join(alarm), alarm)
    press(net, "alarms", "Acknowledge", "policy/fast")
    net.page.wait("acknowledged", lambda: "acknowledged" in row_of_alarm(net, "policy/fast"))
    check(net.alarms()[("policy/fast", "unapproved")]["acknowledged"], "the API does not know that it was acknowledged")
    press(net, "changes", "Reject", "fast")
    net.page.wait("rejected", lambda: "rejected" in " ".join(net.page.rows("changes")[0]))
    press(net, "changes", "Approve", "fast")
    net.wait_path("fast", ROUND)
    net.page.wait("no change waits", lambda: net.page.rows("changes") == [["no change waits"]])
    net.page.wait("the new path", lambda: row(net, "policies", "fast")[3] == "r1 › r2 › r3 › r5")
    check("karst-operations:approve" in net.karst("audit"), net.karst("audit"))


def viewer_is_refused_in_words(net):
    status, _, body = net.request("POST", "/restconf/operations/karst-operations:create-token",
                                  {"karst-operations:input": {"name": "eye", "role": "viewer"}})
    equal(status, 200, f"create-token: {body}")
    net.say("restore r1--r3")
    net.karst("reoptimise")
    net.put_good("more", **DEMAND)
    net.page.wait("a change for the new intent", lambda: [r for r in net.page.rows("changes") if "more" in r])
    login(net, body["karst-operations:output"]["secret"])
    net.page.wait("the change", lambda: [r for r in net.page.rows("changes") if "more" in r])
    press(net, "changes", "Approve")
    net.page.wait("a refusal", lambda: "viewer" in net.page.run(
        "return document.querySelector('#changes .bad')?.innerText ?? ''") or None, 20)
    check(net.intents()["more"]["state"] == "admitted", net.intents()["more"])
    login(net, net.token())
    net.karst("mode", "act")
    net.wait_state("more", "active")


def lost_daemon_is_told_and_found_again(net):
    net.karstd.kill()
    net.page.wait("a lost connection", lambda: net.page.text("#link") != "connected")
    net.start_karstd()
    net.wait_ready()
    net.page.wait("connected again", lambda: net.page.text("#link") == "connected")
    net.page.wait("the policies", lambda: (row(net, "policies", "fast") or ["", ""])[1] == "active")


def row_of_alarm(net, name):
    return next((r for r in net.page.rows("alarms") if len(r) > 1 and r[1] == name), None)


def press(net, table, text, row=""):
    """Presses the first button that says TEXT, in a row that says ROW."""
    net.page.run("[...document.querySelectorAll(`#${arguments[0]} button`)].find("
                 "b => b.innerText === arguments[1] && b.closest('tr').innerText.includes(arguments[2])).click()",
                 table, text, row)


def start_browser(net):
    chain.require("chromium", not browser.missing(), browser.missing())
    net.page = browser.Browser()
    pages.append(net.page)


pages = []

if __name__ == "__main__":
    try:
        sys.exit(chain.run("web", [page_shows_policies, change_is_approved_on_the_page, viewer_is_refused_in_words,
                                   lost_daemon_is_told_and_found_again], prepare=start_browser))
    finally:
        for page in pages:
            page.close()
