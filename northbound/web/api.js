// The API and its event stream, with the token of the person who looks.
"use strict";

const DATA = "/restconf/data/";
const OPERATIONS = "/restconf/operations/";
const RETRY_MS = 2000;

let token = sessionStorage.getItem("token") || "";

export const whose = () => token;

export function identify(text) {
  token = text;
  sessionStorage.setItem("token", token); // gone with the tab
}

function headers(more) {
  return Object.assign(token ? { Authorization: "Bearer " + token } : {}, more);
}

async function reason(reply) {
  try {
    return (await reply.json())["ietf-restconf:errors"].error[0]["error-message"];
  } catch {
    return "status " + reply.status;
  }
}

// A resource: get("karst-policy:policies"); what is unchanged comes from the browser's cache.
export async function get(path) {
  const reply = await fetch(DATA + path, { headers: headers(), cache: "no-cache" });
  if (!reply.ok) throw new Error(await reason(reply));
  const body = await reply.json();
  return body[path.split("/")[0]] ?? Object.values(body)[0];
}

// An operation: call("karst-operations:approve", { id: "3" }); what it answers, or {}.
export async function call(name, input) {
  const module = name.split(":")[0];
  const reply = await fetch(OPERATIONS + name, {
    method: "POST", headers: headers({ "Content-Type": "application/yang-data+json" }),
    body: JSON.stringify({ [module + ":input"]: input }),
  });
  if (!reply.ok) throw new Error(await reason(reply));
  const text = await reply.text();
  return text ? JSON.parse(text)[module + ":output"] || {} : {};
}

function take(block, last, seen) {
  const fields = {};
  for (const text of block.split("\n")) {
    const colon = text.indexOf(": ");
    if (colon > 0) fields[text.slice(0, colon)] = text.slice(colon + 2);
  }
  if (!fields.data || fields.event === "gap") return last;
  seen(JSON.parse(fields.data)["ietf-restconf:notification"]);
  return fields.id || last;
}

// Follows the event stream until stop is aborted, over lost connections too. fetch and not EventSource, which cannot
// send a token. seen(notification), told(sentence, good).
export async function follow(stop, seen, told) {
  let last = null;
  while (!stop.aborted) {
    try {
      const reply = await fetch("/restconf/streams/karst", {
        headers: headers(last ? { "Last-Event-ID": last } : {}), signal: stop, cache: "no-store",
      });
      if (!reply.ok) throw new Error(await reason(reply));
      told("connected", true);
      const reader = reply.body.pipeThrough(new TextDecoderStream()).getReader();
      for (let rest = ""; ;) {
        const { value, done } = await reader.read();
        if (done) break;
        const blocks = (rest + value).split("\n\n");
        rest = blocks.pop();
        for (const block of blocks) last = take(block, last, seen);
      }
      if (!stop.aborted) told("connection lost, trying again", false);
    } catch (error) {
      if (stop.aborted) return;
      told(error.message, false);
    }
    await new Promise((resume) => setTimeout(resume, RETRY_MS));
  }
}
