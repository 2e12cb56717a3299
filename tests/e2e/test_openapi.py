#!/usr/bin/env python3
"""The OpenAPI document of a running karstd: valid by another's validator, complete, and true: schemathesis, with the roles
of an administrator, finds no server error, no undocumented answer and no answer that its schema does not allow.

KARST_SCHEMATHESIS_EXAMPLES (6) says how many requests an operation gets; ./dev abuse takes more.
"""
import json
import os
import subprocess
import sys

import chain
from chain import check, equal, emulation

TOOLS = os.environ.get("KARST_OPENAPI_TOOLS", os.path.join(chain.BUILD, "tools", "openapi"))
EXAMPLES = os.environ.get("KARST_SCHEMATHESIS_EXAMPLES", "6")
CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"
# Endless; a copy of the store each time; and what ends the token that the run itself carries, or stops all changes.
LEFT_OUT = ("/restconf/streams/karst", "/backup")


def tool(name):
    return os.path.join(TOOLS, "bin", name)


def the_document_is_valid_and_complete(net):
    status, headers, document = net.request("GET", "/openapi.json", token="none")
    equal((status, headers["content-type"]), (200, "application/json"), "the document, which needs no token")
    equal(document["openapi"], "3.1.0", "its version")
    with open(net.path("openapi.json"), "w", encoding="utf-8") as f:
        json.dump(document, f)
    done = subprocess.run([tool("openapi-spec-validator"), net.path("openapi.json")], capture_output=True, text=True,
                          timeout=600, check=False)
    check(done.returncode == 0, f"the validator: {done.stdout[-2000:]}{done.stderr[-2000:]}")
    intent = document["paths"]["/restconf/data/karst-intent:intents/intent={key}"]
    equal(sorted(intent), ["delete", "get", "head", "put"], "what one intent has")
    body = intent["put"]["requestBody"]["content"]["application/yang-data+json"]["schema"]
    entry = body["properties"]["karst-intent:intent"]["items"]
    check({"id", "from", "to"} <= set(entry["required"]), entry["required"])
    equal(entry["properties"]["bandwidth-bps"]["type"], "string", "a number of 64 bits (RFC 7951)")
    check("state" not in entry["properties"], "what cannot be written is no part of what is sent")
    listed = net.request("GET", "/restconf/operations")[2]["ietf-restconf:operations"]
    for name in listed:
        check("post" in document["paths"].get(f"/restconf/operations/{name}", {}), f"{name} is not in the document")


def schemathesis_finds_nothing(net):
    for n, objective in enumerate(("igp", "delay", "bandwidth")):
        net.put_good(f"there-{n}", **{"from": "r1", "to": "r5", "objective": objective})
    command = [tool("schemathesis"), "run", f"https://127.0.0.1:{net.api_port}/openapi.json", "--header",
               f"Authorization: Bearer {net.token()}", "--tls-verify", os.path.join(net.state, "api-cert.pem"), "--checks",
               CHECKS, "--max-examples", EXAMPLES, "--phases", "examples,coverage,fuzzing", "--generation-database", "none",
               "--seed", "1", "--no-color", "--request-timeout", "120", "--suppress-health-check", "all"]
    for path in LEFT_OUT:
        command += ["--exclude-path", path]
    done = subprocess.run(command, capture_output=True, text=True, timeout=3000, check=False, cwd=net.folder,
                          env=dict(os.environ, HOME=net.folder))
    check(done.returncode == 0, f"schemathesis:\n{done.stdout[-6000:]}{done.stderr[-2000:]}")
    print("\n".join(l for l in done.stdout.splitlines() if "generated" in l or "passed" in l or "Operations" in l))


def the_service_is_unharmed(net):
    check(net.karstd.running(), "karstd ended")
    equal(net.request("GET", "/healthz")[0], 200, "/healthz")
    status = net.status()["status"]
    check(status is not None, "the overview is told")


STEPS = [the_document_is_valid_and_complete, schemathesis_finds_nothing, the_service_is_unharmed]

if __name__ == "__main__":
    try:
        chain.require("openapi", os.access(tool("schemathesis"), os.X_OK) and os.access(tool("openapi-spec-validator"), os.X_OK),
                      "schemathesis and openapi-spec-validator are not there (./dev deps installs them with pip)")
    except (chain.Skip, emulation.Fault) as lacking:
        print(f"skipped: {lacking}" if isinstance(lacking, chain.Skip) else f"FAILED: {lacking}")
        sys.exit(77 if isinstance(lacking, chain.Skip) else 1)
    sys.exit(chain.run("openapi", STEPS))
