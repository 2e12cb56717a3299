// The operators' page: shows what the API says, and follows the event stream. It writes nothing.
// Everything that comes from the network becomes text nodes, never markup.
"use strict";

const DATA = "/restconf/data/";
const EVENTS_SHOWN = 200;
const REFRESH_MS = 10000; // without events
const SETTLE_MS = 300; // after an event, for others that come with it

const state = { token: "", stream: null, timer: 0, policies: [], intents: [] };
const at = (id) => document.getElementById(id);

async function get(path) {
  const reply = await fetch(path, { headers: headers(), cache: "no-cache" });
  if (!reply.ok) throw new Error(await reason(reply));
  return reply.json();
}

function headers(more) {
  return Object.assign(state.token ? { Authorization: "Bearer " + state.token } : {}, more);
}

async function reason(reply) {
  try {
    return (await reply.json())["ietf-restconf:errors"].error[0]["error-message"];
  } catch {
    return "status " + reply.status;
  }
}

// --- Tables ---

const KINDS = {
  active: "good", synced: "good", connected: "good", up: "good", cleared: "good",
  degraded: "warn", deploying: "warn", pending: "warn", admitted: "warn", busy: "warn", warning: "warn",
  minor: "warn", removing: "warn",
  failed: "bad", away: "bad", down: "bad", lost: "bad", major: "bad", critical: "bad",
};

// columns: [title, value of a row, class]. A value that names a state gets its color.
function show(table, columns, rows, none) {
  const body = rows.map((row) => line("td", columns.map(([, value, kind]) => [value(row), kind])));
  if (!rows.length) body.push(line("td", [[none, "empty"]]));
  at(table).replaceChildren(line("th", columns.map(([title, , kind]) => [title, kind])), ...body);
}

function line(tag, cells) {
  const tr = document.createElement("tr");
  for (const [value, kind] of cells) {
    const cell = document.createElement(tag);
    cell.textContent = value === undefined || value === null ? "" : String(value);
    cell.className = [kind, KINDS[cell.textContent]].filter(Boolean).join(" ");
    tr.append(cell);
  }
  return tr;
}

function rate(bps) {
  if (bps === undefined || bps === "0") return "";
  for (const [unit, size] of [["T", 1e12], ["G", 1e9], ["M", 1e6], ["k", 1e3]])
    if (Number(bps) >= size) return Number(bps) / size + " " + unit + "bit/s";
  return bps + " bit/s";
}

function milliseconds(us) {
  return us === undefined ? "" : (Number(us) / 1000).toFixed(1) + " ms";
}

const firstPath = (policy) => (policy["candidate-path"] || [{}])[0];
const lists = (policy) => firstPath(policy)["segment-list"] || [{}];
const nodes = (policy) => lists(policy).map((l) => (l.node || firstPath(policy).node || []).join(" › ")).join(" | ");
const segments = (policy) => lists(policy).map((l) => (l.segment || []).map((s) => s.sid).join(" ")).join(" | ");

function filtered(rows) {
  const words = at("filter").value.toLowerCase().split(/\s+/).filter(Boolean);
  return rows.filter((row) => {
    const text = JSON.stringify(row).toLowerCase();
    return words.every((word) => text.includes(word));
  });
}

function showPolicies() {
  show("policies", [
    ["policy", (p) => p.id], ["state", (p) => p.state], ["color", (p) => p.color, "number"],
    ["path", nodes], ["segments", segments], ["booked", (p) => rate(p["booked-bps"]), "number"],
    ["last move", (p) => milliseconds((p.stage || {})["confirmed-us"]), "number"],
    ["cause", (p) => p.cause], ["reason", (p) => p.reason],
  ], filtered(state.policies), "no policy");
  show("intents", [
    ["intent", (i) => i.id], ["state", (i) => i.state], ["from", (i) => i.from], ["to", (i) => i.to],
    ["objective", (i) => i.objective], ["bandwidth", (i) => rate(i["bandwidth-bps"]), "number"],
    ["priority", (i) => i.priority, "number"], ["description", (i) => i.description],
    ["reason", (i) => i.reason],
  ], filtered(state.intents), "no intent");
}

function showState(all) {
  const s = all.status || {};
  const figures = [
    ["nodes", s.nodes], ["links up", s["links-up"] + " / " + s.links], ["intents", s.intents],
    ["policies active", s["policies-active"] + " / " + s.policies], ["failed", s["policies-failed"]],
    ["topology revision", s["topology-revision"]], ["version", s.version],
  ];
  at("overview").replaceChildren(...figures.map(([title, value]) => {
    const box = document.createElement("div"), b = document.createElement("b"), span = document.createElement("span");
    b.textContent = value;
    span.textContent = title;
    box.append(b, span);
    return box;
  }));
  show("alarms", [
    ["severity", (a) => a.severity], ["object", (a) => a.object], ["type", (a) => a.type], ["text", (a) => a.text],
    ["since", (a) => a.raised],
  ], all.alarm || [], "no alarm");
  show("feeds", [
    ["feed", (f) => f.name], ["state", (f) => (f.synced ? "synced" : f.up ? "up" : "down")],
    ["updates", (f) => f.updates, "number"], ["changes", (f) => f.changes, "number"], ["text", (f) => f.text],
  ], all.feed || [], "no feed");
  show("devices", [
    ["device", (d) => d.name], ["node", (d) => d.node],
    ["state", (d) => (!d.connected ? "away" : d.busy ? "busy" : "connected")],
    ["policies", (d) => d.policies, "number"], ["waiting", (d) => d.pending, "number"],
    ["others'", (d) => (d.foreign || []).length, "number"], ["text", (d) => d.text],
  ], all.device || [], "no device");
}

async function refresh() {
  clearTimeout(state.timer);
  state.timer = 0;
  try {
    const [all, policies, intents] = await Promise.all([
      get(DATA + "karst-operations:operations"), get(DATA + "karst-policy:policies"),
      get(DATA + "karst-intent:intents"),
    ]);
    state.policies = (policies["karst-policy:policies"] || {}).policy || [];
    state.intents = (intents["karst-intent:intents"] || {}).intent || [];
    showState(all["karst-operations:operations"] || {});
    showPolicies();
  } catch (error) {
    at("link").textContent = error.message;
    at("link").className = "bad";
  }
  schedule(REFRESH_MS);
}

function schedule(ms) {
  if (state.timer && ms >= REFRESH_MS) return;
  clearTimeout(state.timer);
  state.timer = setTimeout(refresh, ms);
}

// --- Events: fetch and not EventSource, which cannot send a token ---

function showEvent(note) {
  const kind = Object.keys(note).find((key) => key.startsWith("karst-events:")) || "";
  const e = note[kind] || {};
  const what = e.intent || e.policy || e.object || (e.revision ? "topology revision " + e.revision : "");
  const path = (e["link-after"] || []).join(" ");
  const row = line("td", [
    [new Date(note.eventTime).toLocaleTimeString()], [kind.slice("karst-events:".length)], [what],
    [e.state || e.severity], [[e.cause, e.text, path].filter(Boolean).join(" — ")],
  ]);
  at("events").prepend(row);
  while (at("events").rows.length > EVENTS_SHOWN) at("events").deleteRow(-1);
}

function takeEvent(block, last) {
  const fields = {};
  for (const text of block.split("\n")) {
    const colon = text.indexOf(": ");
    if (colon > 0) fields[text.slice(0, colon)] = text.slice(colon + 2);
  }
  if (!fields.data || fields.event === "gap") return last;
  showEvent(JSON.parse(fields.data)["ietf-restconf:notification"]);
  schedule(SETTLE_MS);
  return fields.id || last;
}

async function follow(stop) {
  let last = null;
  while (!stop.signal.aborted) {
    try {
      const reply = await fetch("/restconf/streams/karst", {
        headers: headers(last ? { "Last-Event-ID": last } : {}), signal: stop.signal, cache: "no-store",
      });
      if (!reply.ok) throw new Error(await reason(reply));
      at("link").textContent = "connected";
      at("link").className = "good";
      const reader = reply.body.pipeThrough(new TextDecoderStream()).getReader();
      for (let rest = ""; ;) {
        const { value, done } = await reader.read();
        if (done) break;
        const blocks = (rest + value).split("\n\n");
        rest = blocks.pop();
        for (const block of blocks) last = takeEvent(block, last);
      }
    } catch (error) {
      if (stop.signal.aborted) return;
      at("link").textContent = error.message;
      at("link").className = "bad";
    }
    await new Promise((resume) => setTimeout(resume, 2000));
  }
}

function connect() {
  if (state.stream) state.stream.abort();
  state.stream = new AbortController();
  follow(state.stream);
  refresh();
}

at("login").addEventListener("submit", (event) => {
  event.preventDefault();
  state.token = at("token").value.trim();
  sessionStorage.setItem("token", state.token); // gone with the tab
  connect();
});
at("filter").addEventListener("input", showPolicies);
state.token = sessionStorage.getItem("token") || "";
at("token").value = state.token;
connect();
