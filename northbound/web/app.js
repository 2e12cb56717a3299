// The operators' page: what the API says, kept fresh by the event stream. What it changes, it changes by the same
// operations as everybody else, with the rights of the token.
"use strict";

import { call, follow, get, identify, whose } from "/api.js";
import { lists, nodesOf, open, paths, update } from "/detail.js";
import { draw, navigate } from "/map.js";
import { at, button, make, milliseconds, moment, rate, show } from "/table.js";

const EVENTS_SHOWN = 200;
const REFRESH_MS = 10000; // without events
const SETTLE_MS = 300; // after an event, for others that come with it

const state = { stop: null, timer: 0, policies: [], intents: [], topology: {} };

function filtered(rows) {
  const words = at("filter").value.toLowerCase().split(/\s+/).filter(Boolean);
  return rows.filter((row) => {
    const text = JSON.stringify(row).toLowerCase();
    return words.every((word) => text.includes(word));
  });
}

function showPolicies() {
  const segments = (p) => lists(p).map((l) => (l.segment || []).map((s) => s.sid).join(" ")).join(" | ");
  show("policies", [
    ["policy", (p) => p.id], ["state", (p) => p.state], ["color", (p) => p.color, "number"],
    ["path", (p) => paths(p).slice(0, 1).flatMap(nodesOf).join(" | ")],
    ["segments", (p) => paths(p).slice(0, 1).map(segments).join()], ["booked", (p) => rate(p["booked-bps"]), "number"],
    ["last move", (p) => milliseconds((p.stage || {})["confirmed-us"]), "number"],
    ["cause", (p) => p.cause], ["reason", (p) => p.reason],
  ], filtered(state.policies), "no policy", (p) => open("policy", p.id));
  show("intents", [
    ["intent", (i) => i.id], ["state", (i) => i.state], ["from", (i) => i.from], ["to", (i) => i.to],
    ["objective", (i) => i.objective], ["bandwidth", (i) => rate(i["bandwidth-bps"]), "number"],
    ["priority", (i) => i.priority, "number"], ["description", (i) => i.description],
    ["reason", (i) => i.reason],
  ], filtered(state.intents), "no intent");
}

async function operate(name, input) {
  await call("karst-operations:" + name, input);
  await refresh();
}

function side(s) {
  if (!s || !(s.path || []).length) return "nothing";
  return s.path.map((p) => make("div", [(p.link || []).join(" "),
    p["delay-us"] === undefined ? "" : ` (${milliseconds(p["delay-us"])})`]));
}

function decide(change) {
  const parts = [button("Approve", () => operate("approve", { id: change.id }))];
  if (change.state === "rejected") parts.unshift("rejected ");
  else parts.push(" ", button("Reject", () => operate("reject", { id: change.id })));
  return parts;
}

function showChanges(changes) {
  at("changes-title").textContent = changes.length ? `Changes that wait for approval: ${changes.length}` : "Changes";
  show("changes", [
    ["change", (r) => (r.first ? r.change.id : "")],
    ["why", (r) => (r.first ? [r.change.cause, r.change.by && `rejected by ${r.change.by}`].filter(Boolean).join(", ") : "")],
    ["policy", (r) => r.part.policy],
    ["what", (r) => [r.part.kind, r.part.restores ? make("span", " of a dead path", "bad") : ""]],
    ["before", (r) => side(r.part.before)], ["after", (r) => side(r.part.after)],
    ["until", (r) => (r.first ? moment(r.change.expires) : "")],
    ["", (r) => (r.first ? decide(r.change) : "")],
  ], changes.flatMap((change) => (change.part || [{}]).map((part, i) => ({ change, part, first: i === 0 }))),
  "no change waits");
}

function showAlarms(alarms) {
  show("alarms", [
    ["severity", (a) => a.severity], ["object", (a) => a.object], ["type", (a) => a.type],
    ["what is wrong", (a) => a["alarm-text"]], ["what to do", (a) => a.action], ["since", (a) => moment(a.since)],
    ["", (a) => (a.acknowledged ? "acknowledged"
      : button("Acknowledge", () => operate("acknowledge", { type: a.type, object: a.object })))],
  ], alarms, "no alarm");
}

// What keeps Karst from acting as usual: modes, drains, links held down, routers that differ.
function showExceptions(all) {
  const left = (d) => (d.remaining === undefined ? "" : `${d.remaining} of ${d.affected ?? d.remaining} still cross it`);
  const rows = [
    ...(all["scoped-mode"] || []).map((m) => [`${m.scope} ${m.name}`, m.mode, "mode", m.since]),
    ...(all.drain || []).map((d) => [`${d.object} ${d.name}`, "draining",
      [left(d), ...(d.waiting || []).map((w) => `${w.policy}: ${w.text}`)].filter(Boolean).join("; "), d.since]),
    ...(all.maintenance || []).map((w) => [`${w.object} ${w.name}`, w.running ? "draining" : "planned",
      `maintenance until ${moment(w.until)}`, w.from]),
    ...(all.damped || []).map((d) => [`link ${d.link}`, d.state,
      `${d.losses} losses, penalty ${d.penalty}${d.until ? `, until ${moment(d.until)}` : ""}`, d.since]),
    ...(all.suspect || []).map((x) => [`link ${x.link}`, "suspected",
      `${x.confidence ?? 0} % (${x.state}): probes of ${x["failed-lists"]} segment lists are lost, as of policy ${x.policy}` +
      `${x.avoided ? "" : "; too many are suspected, so it is not avoided"}${x.until ? `, until ${moment(x.until)}` : ""}`, x.since]),
    ...(all.drift || []).map((d) => [`${d.device}, policy ${d.policy || `${d.color} ${d.endpoint}`}`,
      d.repaired ? "repaired" : "differs",
      (d.difference || []).map((x) => `${x.field}: ours ${x.ours ?? "nothing"}, the router's ${x.router ?? "nothing"}`).join("; "),
      d.since]),
    ...(all.device || []).flatMap((d) => (d.foreign || []).map((f) => [`${d.name}, policy ${f.color} ${f.endpoint}`, "foreign",
      `${f.name || "without a name"}: somebody else's, left alone`, ""])),
  ];
  show("exceptions", [
    ["object", (r) => r[0]], ["state", (r) => r[1]], ["", (r) => r[2]], ["since", (r) => moment(r[3])],
  ], rows, "nothing is drained, held down, restricted or different");
}

function showFrozen(s) {
  at("frozen").hidden = !s.frozen;
  if (!s.frozen) return;
  at("frozen").replaceChildren(make("b", "Changes are frozen. "), s["frozen-reason"] || "", " ",
    button("Resume", () => operate("resume", {})));
}

function showFigures(s, alarms) {
  const figures = [
    ["mode", s.mode], ["nodes", s.nodes], ["links up", `${s["links-up"]} / ${s.links}`], ["intents", s.intents],
    ["policies active", `${s["policies-active"]} / ${s.policies}`], ["failed", s["policies-failed"]],
    ["alarms", alarms.length], ["topology revision", s["topology-revision"]], ["version", s.version],
  ];
  at("overview").replaceChildren(...figures.map(([title, value]) => make("div", [make("b", value), make("span", title)])));
}

function showState(all) {
  const alarms = all.alarm || [];
  showFigures(all.status || {}, alarms);
  showFrozen(all.status || {});
  showAlarms(alarms);
  showChanges(all.change || []);
  showExceptions(all);
  show("feeds", [
    ["feed", (f) => f.name], ["state", (f) => (f.synced ? "synced" : f.up ? "up" : "down")],
    ["updates", (f) => f.updates, "number"], ["changes", (f) => f.changes, "number"], ["text", (f) => f.text],
  ], all.feed || [], "no feed");
  show("devices", [
    ["device", (d) => d.name], ["node", (d) => d.node],
    ["state", (d) => (!d.connected ? "away" : d.busy ? "busy" : "connected")],
    ["policies", (d) => d.policies, "number"], ["waiting", (d) => d.pending, "number"],
    ["others'", (d) => (d.foreign || []).length, "number"], ["text", (d) => d.text],
  ], filtered(all.device || []), "no device");
}

// A link that probes make suspect is drawn like one that is held down.
function suspect(topology, suspects) {
  const names = new Set(suspects.filter((x) => x.avoided && x.state !== "beside").flatMap((x) => [x.link, x.reverse]));
  for (const link of topology.link || [])
    if (link.up && names.has(link.name)) link.state = "suspected";
}

async function refresh() {
  clearTimeout(state.timer);
  state.timer = 0;
  try {
    const [all, policies, intents, topology] = await Promise.all([
      get("karst-operations:operations"), get("karst-policy:policies"), get("karst-intent:intents"),
      get("karst-topology:topology"),
    ]);
    state.policies = policies.policy || [];
    state.intents = intents.intent || [];
    state.topology = topology;
    suspect(topology, all.suspect || []);
    draw(topology, open);
    showState(all);
    showPolicies();
    update({ policies: state.policies, nodes: topology.node || [], links: topology.link || [], devices: all.device });
  } catch (error) {
    told(error.message, false);
  }
  schedule(REFRESH_MS);
}

function schedule(ms) {
  if (state.timer && ms >= REFRESH_MS) return;
  clearTimeout(state.timer);
  state.timer = setTimeout(refresh, ms);
}

function told(sentence, good) {
  at("link").textContent = sentence;
  at("link").className = good ? "good" : "bad";
}

function showEvent(note) {
  const kind = Object.keys(note).find((key) => key.startsWith("karst-events:")) || "";
  const e = note[kind] || {};
  const what = e.intent || e.policy || e.object || e.name || (e.revision ? "topology revision " + e.revision : "");
  const path = (e["link-after"] || []).join(" ");
  const row = make("tr", [
    make("td", moment(note.eventTime)), make("td", kind.slice("karst-events:".length)), make("td", what),
    make("td", e.cleared ? "cleared" : e.state || e.severity),
    make("td", [e.cause, e["alarm-text"], e.text, path].filter(Boolean).join(" — ")),
  ]);
  at("events").prepend(row);
  while (at("events").rows.length > EVENTS_SHOWN) at("events").deleteRow(-1);
}

function connect() {
  state.stop?.abort();
  state.stop = new AbortController();
  follow(state.stop.signal, (note) => {
    showEvent(note);
    schedule(SETTLE_MS);
  }, told);
  refresh();
}

at("login").addEventListener("submit", (event) => {
  event.preventDefault();
  identify(at("token").value.trim());
  connect();
});
at("filter").addEventListener("input", showPolicies);
at("token").value = whose();
navigate();
connect();
