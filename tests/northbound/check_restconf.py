#!/usr/bin/env python3
"""The API over the real service: every status code, conditions, dry runs, waiting, streams."""
import json
import os
import select
import sys
import time
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from probe import DATA, INTENTS, JSON, WAIT, Probe, Reply, Stream, intent_body, intent_path  # noqa: E402

TOPOLOGY = DATA + "karst-topology:topology"
POLICIES = DATA + "karst-policy:policies"
COMPUTE = "/restconf/operations/karst-path:compute-path"


class Api(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.p = Probe("tls", "auth")

    @classmethod
    def tearDownClass(cls):
        assert cls.p.end() == 0, "the server did not end cleanly"

    def drop(self, *names):
        for name in names:
            self.p.ask("DELETE", intent_path(name))
            self.p.until("%s is gone" % name,
                         lambda: self.p.ask("GET", intent_path(name)).status == 404)

    # --- who may what ---

    def test_only_health_and_discovery_are_open(self):
        for path in ["/healthz", "/.well-known/host-meta"]:
            self.assertEqual(self.p.ask("GET", path, Authorization="").status, 200, path)
        for path in ["/metrics", "/restconf", INTENTS, TOPOLOGY, "/restconf/streams/karst", "/nothing"]:
            for header in ["", "Bearer", "Bearer wrong", "Basic YTpi", "Bearer " + self.p.token[:-1]]:
                reply = self.p.ask("GET", path, Authorization=header)
                self.assertEqual(reply.status, 401, (path, header))
                self.assertTrue(reply.headers["WWW-Authenticate"].startswith("Bearer"))
                self.assertEqual(reply.error()["error-tag"], "access-denied")

    def test_page_is_open_and_loads_nothing_from_elsewhere(self):
        for path, kind in [("/", "text/html"), ("/app.css", "text/css")] + [
                (f"/{name}.js", "text/javascript") for name in ("app", "api", "table", "map", "detail")]:
            reply = self.p.ask("GET", path, Authorization="")
            self.assertEqual(reply.status, 200, path)
            self.assertTrue(reply.headers["Content-Type"].startswith(kind))
            self.assertIn("default-src 'self'", reply.headers["Content-Security-Policy"])
            self.assertNotIn(b"http:", reply.body)
            self.assertNotIn(b"https:", reply.body)
            self.assertNotIn(b"innerHTML", reply.body)

    def test_host_meta_leads_to_the_api(self):
        reply = self.p.ask("GET", "/.well-known/host-meta")
        self.assertEqual(reply.headers["Content-Type"], "application/xrd+xml")
        self.assertIn(b"href='/restconf'", reply.body)
        api = self.p.ask("GET", "/restconf").json()["ietf-restconf:restconf"]
        self.assertIn("karst-path:compute-path", api["operations"])

    # --- what is there ---

    def test_unknown_resources_are_404(self):
        for path in ["/x", "/restconf/", "/restconf/data/karst-intent:intents/intent",
                     "/restconf/data/karst-intent:intents/intent=a,b", INTENTS + "=a",
                     "/restconf/data/karst-intent%3aintents%2fintent=a", TOPOLOGY + "/node",
                     INTENTS + "/intent=none", TOPOLOGY + "/node=none", TOPOLOGY + "/link=none",
                     POLICIES + "/policy=none"]:
            reply = self.p.ask("GET", path)
            self.assertEqual(reply.status, 404, path)
            self.assertEqual(reply.error()["error-tag"], "invalid-value")

    def test_impossible_targets_are_400(self):
        for path in [INTENTS + "/intent=%00", INTENTS + "/intent=%zz", "/restconf/data/%ff"]:
            reply = self.p.ask("GET", path)
            self.assertEqual(reply.status, 400, path)
            self.assertEqual(reply.error()["error-tag"], "malformed-message")

    def test_405_names_exactly_what_is_allowed(self):
        get = "GET, HEAD, OPTIONS"
        for path, allowed in [("/healthz", get), ("/metrics", get), (INTENTS, get), (TOPOLOGY, get),
                              (POLICIES, get), (TOPOLOGY + "/node=r1", get),
                              ("/restconf/streams/karst", "GET, OPTIONS"), (COMPUTE, "POST, OPTIONS"),
                              (intent_path("a"), "GET, HEAD, PUT, DELETE, OPTIONS")]:
            reply = self.p.ask("OPTIONS", path)
            self.assertEqual((reply.status, reply.headers["Allow"]), (200, allowed), path)
            for method in ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]:
                if method in allowed.split(", "):
                    continue
                reply = self.p.ask(method, path, "{}" if method != "HEAD" else None)
                self.assertEqual((reply.status, reply.headers["Allow"]), (405, allowed), (method, path))
                if method != "HEAD":
                    self.assertEqual(reply.error()["error-tag"], "operation-not-supported")

    def test_head_is_get_without_body(self):
        for path in [INTENTS, TOPOLOGY, TOPOLOGY + "/node=r1", "/metrics", POLICIES]:
            get, head = self.p.ask("GET", path), self.p.ask("HEAD", path)
            self.assertEqual(head.status, 200)
            self.assertEqual(head.body, b"")
            self.assertEqual(head.headers["ETag"], get.headers["ETag"])
            if path != "/metrics":
                self.assertEqual(int(head.headers["Content-Length"]), len(get.body))

    def test_other_encodings_are_406_and_415(self):
        self.assertEqual(self.p.ask("GET", INTENTS, Accept="application/yang-data+xml").status, 406)
        for good in ["*/*", "text/html, application/json;q=0.5", JSON, ""]:
            self.assertEqual(self.p.ask("GET", INTENTS, Accept=good).status, 200, good)
        for bad in ["application/yang-data+xml", "text/plain", "", "application/jsonx"]:
            reply = self.p.ask("PUT", intent_path("a"), intent_body("a"), Content_Type=bad)
            self.assertEqual(reply.status, 415, bad)
            self.assertEqual(self.p.ask("POST", COMPUTE, "{}", Content_Type=bad).status, 415, bad)

    def test_unknown_query_parameters_are_400(self):
        for path in [INTENTS + "?depth=1", TOPOLOGY + "?x", "/metrics?a=b", intent_path("a") + "?dry-run"]:
            self.assertEqual(self.p.ask("GET", path).status, 400, path)
        reply = self.p.ask("PUT", intent_path("a") + "?dry-run=maybe", intent_body("a"))
        self.assertEqual(reply.status, 400)

    # --- intents ---

    def test_life_of_an_intent(self):
        reply = self.p.put("life", bandwidth_bps="1000000")
        self.assertEqual((reply.status, reply.body), (201, b""))
        self.assertEqual(reply.headers["Location"], intent_path("life"))
        tag = reply.headers["ETag"]
        entry = self.p.ask("GET", intent_path("life")).json()["karst-intent:intent"][0]
        self.assertEqual(entry["bandwidth-bps"], "1000000")
        self.assertEqual('"%s"' % entry["revision"], tag)
        self.assertIn(entry["state"], ["admitted", "deploying", "active", "degraded"])
        listed = self.p.ask("GET", INTENTS).json()["karst-intent:intents"]["intent"]
        self.assertIn("life", [i["id"] for i in listed])
        policy = self.p.ask("GET", POLICIES + "/policy=life").json()["karst-policy:policy"][0]
        self.assertEqual(policy["booked-bps"], "1000000")
        self.assertEqual(policy["candidate-path"][0]["node"][0], "r1")
        self.assertEqual(policy["candidate-path"][0]["node"][-1], "r5")
        link = self.p.ask("GET", TOPOLOGY + "/link=" + policy["candidate-path"][0]["link"][0])
        self.assertEqual(link.json()["karst-topology:link"][0]["booked-bps"], "1000000")

        reply = self.p.put("life", bandwidth_bps="2000000", bidirectional=True)
        self.assertEqual(reply.status, 204)
        self.assertNotEqual(reply.headers["ETag"], tag)
        policy = self.p.ask("GET", POLICIES + "/policy=life~").json()["karst-policy:policy"][0]
        self.assertEqual((policy["headend"], policy["backward"]), ("r5", True))

        self.assertEqual(self.p.ask("DELETE", intent_path("life")).status, 204)
        self.assertEqual(self.p.ask("GET", intent_path("life")).status, 404)
        self.assertEqual(self.p.ask("DELETE", intent_path("life")).status, 404)

    def test_faults_of_a_body_are_400_with_the_data_path(self):
        for members, path in [({"from": "rX"}, "from"), ({"to": "r9"}, "to"), ({"to": "r1"}, "to"),
                              ({"bandwidth-bps": "-1"}, "bandwidth-bps"), ({"bandwidth-bps": "1.5"}, "bandwidth-bps"),
                              ({"priority": 9}, "priority"), ({"objective": "fun"}, "objective"),
                              ({"constraints": {"avoid": {"node": ["r7"]}}}, "constraints/avoid/node"),
                              ({"constraints": {"avoid": {"link": ["l"]}}}, "constraints/avoid/link"),
                              ({"nonsense": 1}, None)]:
            entry = {"id": "bad", "from": "r1", "to": "r5"}
            entry.update(members)
            reply = self.p.ask("PUT", intent_path("bad"), json.dumps({"karst-intent:intent": [entry]}))
            self.assertEqual(reply.status, 400, (members, reply.body))
            error = reply.error()
            self.assertTrue(error["error-message"], members)
            if path:
                self.assertTrue(error["error-path"].startswith("/karst-intent:intents/intent"), error)
                self.assertIn("/" + path, error["error-path"], error)
        self.assertEqual(self.p.ask("GET", intent_path("bad")).status, 404)

    def test_what_is_no_such_body_is_400(self):
        two = json.dumps({"karst-intent:intent": [{"id": "a", "from": "r1", "to": "r5"},
                                                  {"id": "b", "from": "r1", "to": "r5"}]})
        for body in ["", "{", "[]", "null", "{}", "karst-intent:intent: []", "\0\0", two, intent_body("other"),
                     json.dumps({"karst-topology:topology": {}}), "{" * 100000, intent_body("a") + "x",
                     '{"karst-intent:intent":[{"id":"a","from":"r1","to":"r5","from":"r2"}]}',
                     '{"karst-intent:intent":[{"id":"a","from":"\xff","to":"r5"}]}'.encode("latin-1")]:
            reply = self.p.ask("PUT", intent_path("a"), body)
            self.assertEqual(reply.status, 400, (body[:50], reply.body))
            self.assertIn("error-message", reply.error())
        self.assertEqual(self.p.ask("GET", intent_path("a")).status, 404)

    def test_no_path_is_409_with_the_reason(self):
        reply = self.p.put("wide", bandwidth_bps="999000000000")
        self.assertEqual(reply.status, 409)
        self.assertEqual(reply.error()["error-app-tag"], "bandwidth")
        self.assertTrue(reply.error()["error-message"])
        self.assertEqual(self.p.ask("GET", intent_path("wide")).status, 404)
        reply = self.p.put("wide", bandwidth_bps="999000000000", keep_if_unplaced=True)
        self.assertEqual(reply.status, 201)
        entry = self.p.ask("GET", intent_path("wide")).json()["karst-intent:intent"][0]
        self.assertEqual(entry["state"], "failed")
        self.drop("wide")

    def test_conditions(self):
        def put(bandwidth, **headers):
            return self.p.ask("PUT", intent_path("c"), intent_body("c", bandwidth_bps=bandwidth), **headers)
        self.assertEqual(put("1", If_Match="*").status, 412)
        self.assertEqual(put("1", If_Match='"1"').status, 412)
        first = put("1", If_None_Match="*")
        self.assertEqual(first.status, 201)
        self.assertEqual(put("2", If_None_Match="*").status, 412)
        get = self.p.ask("GET", intent_path("c"))
        second = put("2", If_Match=get.headers["ETag"])
        self.assertEqual(second.status, 204)
        for stale in [first.headers["ETag"], get.headers["ETag"], '"x"', "garbage", '"', ""]:
            reply = put("3", If_Match=stale)
            self.assertEqual(reply.status, 412, stale)
            self.assertEqual(reply.error()["error-tag"], "operation-failed")
        self.assertEqual(put("3", If_Match='"nope", ' + second.headers["ETag"]).status, 204)
        self.assertEqual(put("4", If_Match="*").status, 204)
        reply = self.p.ask("DELETE", intent_path("c"), If_Match=second.headers["ETag"])
        self.assertEqual(reply.status, 412)
        self.assertEqual(self.p.ask("DELETE", intent_path("c"), If_Match="*").status, 204)

    def test_not_modified_is_304(self):
        self.p.put("n")
        for path in [INTENTS, intent_path("n"), POLICIES, POLICIES + "/policy=n", TOPOLOGY,
                     TOPOLOGY + "/link=r1--r2"]:
            tag = self.p.ask("GET", path).headers["ETag"]
            reply = self.p.ask("GET", path, If_None_Match=tag)
            self.assertEqual((reply.status, reply.body, reply.headers["ETag"]), (304, b"", tag), path)
            self.assertEqual(self.p.ask("GET", path, If_None_Match='"other"').status, 200)
            self.p.put("n", bandwidth_bps=str(time.monotonic_ns() % 1000 + 1))
            self.assertEqual(self.p.ask("GET", path, If_None_Match=tag).status, 200, path)
        self.drop("n")

    def test_dry_run_changes_nothing(self):
        for query in ["?dry-run", "?dry-run=true"]:
            reply = self.p.ask("PUT", intent_path("dry") + query, intent_body("dry"))
            self.assertEqual(reply.status, 200)
            paths = reply.json()["karst-path:output"]["path"]
            self.assertEqual(len(paths), 1)
            self.assertEqual(paths[0]["hops"], len(paths[0]["link"]))
            self.assertEqual(self.p.ask("GET", intent_path("dry")).status, 404)
        reply = self.p.ask("PUT", intent_path("dry") + "?dry-run",
                           intent_body("dry", bandwidth_bps="999000000000"))
        self.assertEqual(reply.status, 409)
        self.assertEqual(self.p.ask("PUT", intent_path("dry") + "?dry-run=false", intent_body("dry")).status, 201)
        self.assertEqual(self.p.ask("DELETE", intent_path("dry") + "?dry-run").status, 204)
        self.assertEqual(self.p.ask("GET", intent_path("dry")).status, 200)
        self.drop("dry")

    # --- waiting for the store ---

    def test_answer_comes_only_when_it_is_durable(self):
        self.p.command("hold")
        c = self.p.send("PUT", intent_path("held"), intent_body("held"))
        # requests of others are served meanwhile, and do not see it
        for _ in range(5):
            self.assertEqual(self.p.ask("GET", intent_path("held")).status, 404)
        c.sock.setblocking(False)
        with self.assertRaises(Exception):
            c.sock.recv(1)
        c.sock.settimeout(WAIT)
        self.p.command("release")
        self.assertEqual(c.getresponse().status, 201)
        c.close()
        self.assertEqual(self.p.ask("GET", intent_path("held")).status, 200)
        self.drop("held")

    def test_client_that_left_changes_nothing_about_it(self):
        self.p.command("hold")
        for _ in range(3):
            c = self.p.send("PUT", intent_path("left"), intent_body("left"))
            self.p.ask("GET", "/healthz")
            c.sock.close()
            c.close()
        self.p.command("release")
        self.p.until("the intent", lambda: self.p.ask("GET", intent_path("left")).status == 200)
        self.drop("left")

    def test_full_store_is_507(self):
        self.p.command("full")
        reply = self.p.put("full")
        self.p.command("fine")
        self.assertEqual(reply.status, 507, reply.body)
        self.assertTrue(reply.error()["error-message"])
        self.assertEqual(self.p.ask("GET", intent_path("full")).status, 404)

    # --- topology ---

    def test_topology_whole_and_in_parts(self):
        reply = self.p.ask("GET", TOPOLOGY)
        self.assertEqual(reply.headers["Content-Type"], JSON)
        whole = reply.json()["karst-topology:topology"]
        self.assertEqual(len(whole["node"]), 5)
        self.assertEqual(len(whole["link"]), 16)
        for kind in ["node", "link"]:
            for entry in whole[kind]:
                part = self.p.ask("GET", "%s/%s=%s" % (TOPOLOGY, kind, entry["name"])).json()
                self.assertEqual(part, {"karst-topology:" + kind: [entry]})

    def test_many_ask_for_the_topology_at_once(self):
        for turn in range(3):
            self.p.put("t", bandwidth_bps=str(1000 + turn))
            open_ones = [self.p.send("GET", TOPOLOGY) for _ in range(20)]
            open_ones.pop().close()
            for c in open_ones:
                r = c.getresponse()
                links = json.loads(r.read())["karst-topology:topology"]["link"]
                self.assertEqual(sum(int(x["booked-bps"]) > 0 for x in links) > 0, True)
                c.close()
        self.drop("t")

    def test_cut_link_is_gone_and_policies_move(self):
        self.p.put("move")
        before = self.p.ask("GET", POLICIES + "/policy=move").json()["karst-policy:policy"][0]["candidate-path"][0]
        link = before["link"][0]
        tag = self.p.ask("GET", TOPOLOGY).headers["ETag"]
        self.p.command("cut " + link)

        def moved():
            now = self.p.ask("GET", POLICIES + "/policy=move").json()["karst-policy:policy"][0]
            return link not in now["candidate-path"][0]["link"]
        self.p.until("the policy moves", moved)
        self.assertEqual(self.p.ask("GET", TOPOLOGY + "/link=" + link).status, 404)
        reply = self.p.ask("GET", TOPOLOGY, If_None_Match=tag)
        self.assertEqual(reply.status, 200)
        self.assertNotIn(link, [x["name"] for x in reply.json()["karst-topology:topology"]["link"]])
        self.p.command("mend " + link)
        self.p.until("the link is back", lambda: self.p.ask("GET", TOPOLOGY + "/link=" + link).status == 200)
        self.drop("move")

    # --- compute-path ---

    def compute(self, **members):
        body = {k.replace("_", "-"): v for k, v in members.items()}
        return self.p.ask("POST", COMPUTE, json.dumps({"karst-path:input": body}))

    def test_compute_path_answers_with_segments(self):
        reply = self.compute(**{"from": "r1", "to": "r5"})
        self.assertEqual(reply.status, 200, reply.body)
        path = reply.json()["karst-path:output"]["path"][0]
        self.assertEqual((path["node"][0], path["node"][-1]), ("r1", "r5"))
        self.assertEqual(path["hops"], len(path["link"]))
        self.assertTrue(path["segment"])
        self.assertTrue(path["exact"])

    def test_compute_path_without_a_path_is_an_answer(self):
        reply = self.compute(**{"from": "r1", "to": "r5", "bandwidth-bps": "999000000000"})
        self.assertEqual(reply.status, 200)
        answer = reply.json()["karst-path:output"]
        self.assertNotIn("path", answer)
        self.assertEqual(answer["no-path"]["reason"], "bandwidth")

    def test_compute_path_tells_a_guarantee(self):
        ask = {"from": "r1", "to": "r5", "bandwidth-bps": "1000000000", "guarantee": "0.999999"}
        reply = self.compute(**ask, **{"max-lists": 4})
        self.assertEqual(reply.status, 200, reply.body)
        output = reply.json()["karst-path:output"]
        told = output["guarantee"]
        self.assertGreaterEqual(float(told["probability"]), 0.999999)
        self.assertEqual(sum(int(p["reserved-bps"]) for p in output["path"]), int(told["reserved-bps"]))
        self.assertTrue(all(p["weight"] > 0 and p["segment"] for p in output["path"]))
        output = self.compute(**ask).json()["karst-path:output"]
        self.assertEqual(output["no-path"]["reason"], "guarantee")
        self.assertLess(float(output["no-path"]["best-probability"]), 0.999999)
        for members, leaf in [({"bandwidth-bps": None}, "guarantee"), ({"guarantee": "2.0"}, "guarantee"),
                              ({"max-lists": 9}, "max-lists"), ({"guarantee": None, "max-lists": 2}, "max-lists")]:
            reply = self.compute(**{k: v for k, v in {**ask, **members}.items() if v})
            self.assertEqual(reply.status, 400, reply.body)
            self.assertTrue(reply.error()["error-path"].endswith("/" + leaf), reply.body)
        for members in [{"count": 2}, {"constraints": {"disjoint": "link"}}]:
            self.assertEqual(self.compute(**ask, **members).status, 400)

    def test_compute_path_faults_name_the_input(self):
        for members, leaf in [({"from": "rX", "to": "r5"}, "from"), ({"from": "r1", "to": "rX"}, "to"),
                              ({"from": "r1"}, None), ({"from": "r1", "to": "r1"}, None),
                              ({"from": "r1", "to": "r5", "count": 0}, "count"),
                              ({"from": "r1", "to": "r5", "constraints": {"avoid": {"node": ["q"]}}},
                               "constraints/avoid/node")]:
            reply = self.compute(**members)
            self.assertEqual(reply.status, 400, (members, reply.body))
            if leaf:
                self.assertTrue(reply.error()["error-path"].startswith("/karst-path:compute-path/input"),
                                reply.body)
                self.assertTrue(reply.error()["error-path"].split("[")[0].endswith(leaf), reply.body)
        for body in ["", "[]", "a: b", "{}"]:
            self.assertEqual(self.p.ask("POST", COMPUTE, body).status, 400, body)
        self.assertEqual(self.p.ask("POST", COMPUTE, "{}").error()["error-path"], "/karst-path:compute-path/input/from")

    # --- events and metrics ---

    def test_stream_tells_what_happens_and_resumes(self):
        s = Stream(self.p)
        self.assertEqual(s.response.status, 200)
        self.assertEqual(s.response.headers["Content-Type"], "text/event-stream")
        self.p.put("ev")

        def about(stream, name):
            return [n["karst-events:intent-state"] for n in stream.notifications()
                    if n.get("karst-events:intent-state", {}).get("intent") == name]
        self.p.until("the event", lambda: about(s, "ev"))
        self.assertIn("eventTime", s.notifications()[0])
        numbers = [int(e[0].split("-")[1]) for e in s.events]
        self.assertEqual(numbers, list(range(numbers[0], numbers[0] + len(numbers))))
        last = s.events[-1][0]
        s.close()
        self.p.put("ev", bandwidth_bps="7")
        self.drop("ev")
        again = Stream(self.p, Last_Event_ID=last)
        self.p.until("the end of ev", lambda: about(again, "ev"))
        self.assertEqual(int(again.events[0][0].split("-")[1]), int(last.split("-")[1]) + 1)
        again.close()
        # an id of another run: everything that is kept
        other = Stream(self.p, Last_Event_ID="1234-5")
        self.p.until("all events", lambda: len(other.events) > len(numbers))
        self.assertTrue(other.events[0][0].endswith("-1"), other.events[0])
        other.close()
        self.p.until("the streams are closed",
                     lambda: b"karst_event_streams 0" in self.p.ask("GET", "/metrics").body)

    def test_metrics_are_in_prometheus_format(self):
        body = self.p.ask("GET", "/metrics").body.decode()
        kinds, seen = {}, set()
        for line in body.splitlines():
            if line.startswith("# TYPE"):
                _, _, name, kind = line.split(" ")
                self.assertNotIn(name, kinds)
                kinds[name] = kind
            elif not line.startswith("#"):
                name, value = line.rsplit(" ", 1)
                float(value)
                self.assertNotIn(name, seen)
                seen.add(name)
                self.assertIn(name.split("{")[0], kinds)
        self.assertIn("karst_links", seen)
        self.assertIn('karst_feed_up{feed="file"}', seen)

    def test_state_of_karst_itself(self):
        state = self.p.ask("GET", DATA + "karst-operations:operations").json()["karst-operations:operations"]
        self.assertEqual(state["status"]["nodes"], 5)
        self.assertEqual(state["status"]["links"], 16)
        self.assertEqual([(f["name"], f["up"], f["synced"]) for f in state["feed"]], [("file", True, True)])


class Roles(unittest.TestCase):
    def test_a_role_may_what_it_includes(self):
        p = Probe("auth", tokens={"reader": "viewer", "planner": "planner", "boss": "admin"})
        self.assertIsNone(p.token)
        for token, want in [("reader", 403), ("planner", 201), ("boss", 201)]:
            name = "of-" + token
            self.assertEqual(p.ask("GET", INTENTS, token=token).status, 200)
            reply = p.ask("PUT", intent_path(name), intent_body(name), token=token)
            self.assertEqual(reply.status, want)
            if want == 403:
                self.assertEqual(reply.error()["error-tag"], "access-denied")
            self.assertEqual(p.ask("POST", COMPUTE, '{"karst-path:input":{"from":"r1","to":"r5"}}',
                                   token=token).status, 200)
        self.assertEqual(p.end(), 0)


class Waiting(unittest.TestCase):
    def test_store_that_does_not_answer_is_504_and_late_answers_are_harmless(self):
        p = Probe("impatient")
        p.command("hold")
        reply = p.put("late")
        self.assertEqual(reply.status, 504)
        p.command("release")
        p.until("it is there all the same", lambda: p.ask("GET", intent_path("late")).status == 200)
        self.assertEqual(p.end(), 0)

    def test_end_with_everything_open_is_clean(self):
        p = Probe("tls")
        p.command("hold")
        put = p.send("PUT", intent_path("x"), intent_body("x"))
        stream = Stream(p)
        topology = p.send("GET", TOPOLOGY)
        idle = p.connection()
        idle.connect()
        self.assertEqual(p.end(), 0)
        stream.close()
        for c in (put, topology, idle):
            c.close()


class Province(unittest.TestCase):
    def test_names_that_need_encoding(self):
        p = Probe(topology="examples/guangxi/topology.yaml")
        whole = p.ask("GET", TOPOLOGY).json()["karst-topology:topology"]
        self.assertGreater(len(whole["node"]), 200)
        from urllib.parse import quote
        for entry in whole["link"][:20] + whole["link"][-20:]:
            part = p.ask("GET", TOPOLOGY + "/link=" + quote(entry["name"], safe=""))
            self.assertEqual(part.json(), {"karst-topology:link": [entry]})
        self.assertEqual(p.end(), 0)

    def test_topology_asked_for_after_a_booking_shows_it(self):
        p = Probe(topology="examples/guangxi/topology.yaml")
        names = [n["name"] for n in p.ask("GET", TOPOLOGY).json()["karst-topology:topology"]["node"]]
        def put(bandwidth):
            body = intent_body("t", bandwidth_bps=str(bandwidth), to=names[-1], **{"from": names[0]})
            self.assertIn(p.ask("PUT", intent_path("t"), body).status, (201, 204))
        for bandwidth in range(1001, 1005):
            put(bandwidth + 1000)
            c = p.send("GET", TOPOLOGY)  # is being printed while the intent is changed
            p.ask("GET", "/healthz")
            put(bandwidth)
            links = p.ask("GET", TOPOLOGY).json()["karst-topology:topology"]["link"]
            self.assertIn(str(bandwidth), [x["booked-bps"] for x in links])
            c.getresponse().read()
            c.close()
        self.assertEqual(p.end(), 0)


class Computations(unittest.TestCase):
    """Long computations on a network of 286 routers."""

    def setUp(self):
        self.p = Probe(topology="examples/guangxi/topology.yaml")

    def tearDown(self):
        self.assertEqual(self.p.end(), 0)

    def start(self, end):
        ask = {"from": "guilin-a1", "to": end, "count": 1000}
        return self.p.send("POST", COMPUTE, json.dumps({"karst-path:input": ask}))

    def test_others_are_answered_meanwhile_and_who_leaves_costs_nothing(self):
        ends = ["beihai-a1", "hechi-a1", "yulin-a1", "wuzhou-a1", "baise-a1", "hezhou-a1"] * 2
        open_ones = [self.start(end) for end in ends]
        self.assertEqual(self.p.ask("GET", INTENTS).status, 200)
        waiting, _, _ = select.select([open_ones[-1].sock], [], [], 0)
        self.assertEqual(waiting, [], "the last computation was over before a small question was answered")
        for c in open_ones[1::2]:
            c.close()
        for c in open_ones[0::2]:
            reply = Reply(c.getresponse())
            self.assertEqual(reply.status, 200, reply.body[:200])
            self.assertEqual(len(reply.json()["karst-path:output"]["path"]), 1000)
            c.close()

    def test_end_in_the_middle_of_a_computation(self):
        for c in [self.start(end) for end in ("beihai-a1", "hechi-a1", "yulin-a1")]:
            c.close()


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0]] + sys.argv[1:])
