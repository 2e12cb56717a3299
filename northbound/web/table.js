// Elements made from values. Everything that comes from the network becomes text nodes, never markup.
"use strict";

export const at = (id) => document.getElementById(id);

const KINDS = {
  good: ["active", "synced", "connected", "up", "cleared", "act", "repaired"],
  warn: ["degraded", "deploying", "pending", "admitted", "busy", "warning", "minor", "removing", "advise",
    "held-down", "penalised", "draining", "stale", "suspected"],
  bad: ["failed", "away", "down", "lost", "major", "critical", "observe", "differs"],
};
const kindOf = (text) => Object.keys(KINDS).find((kind) => KINDS[kind].includes(text));

// make("td", "text" or element or list of them, "class")
export function make(tag, content, kind) {
  const element = document.createElement(tag);
  for (const part of [content].flat())
    if (part !== undefined && part !== null) element.append(part instanceof Node ? part : String(part));
  element.className = [kind, kindOf(element.textContent)].filter(Boolean).join(" ");
  return element;
}

// columns: [title, value of a row (text or elements), class]. pick(row) makes rows that can be chosen.
export function show(table, columns, rows, none, pick) {
  const head = make("tr", columns.map(([title, , kind]) => make("th", title, kind)));
  const body = rows.map((row) => {
    const tr = make("tr", columns.map(([, value, kind]) => make("td", value(row), kind)));
    if (pick) {
      tr.tabIndex = 0;
      tr.classList.add("choice");
      tr.addEventListener("click", () => pick(row));
      tr.addEventListener("keydown", (event) => event.key === "Enter" && event.target === tr && pick(row));
    }
    return tr;
  });
  if (!body.length) {
    const empty = make("td", none, "empty");
    empty.colSpan = columns.length;
    body.push(make("tr", empty));
  }
  at(table).replaceChildren(head, ...body);
}

// A button that does something once, and says what came of it beside itself.
export function button(text, act, kind) {
  const element = make("button", text, kind);
  element.type = "button";
  element.addEventListener("click", async (event) => {
    event.stopPropagation();
    element.disabled = true;
    try {
      await act();
    } catch (error) {
      element.after(make("span", " " + error.message, "bad"));
    }
    element.disabled = false;
  });
  return element;
}

export function rate(bps) {
  if (bps === undefined) return "";
  for (const [unit, size] of [["T", 1e12], ["G", 1e9], ["M", 1e6], ["k", 1e3]])
    if (Number(bps) >= size) return Number((Number(bps) / size).toPrecision(4)) + " " + unit + "bit/s";
  return bps + " bit/s";
}

export const milliseconds = (us) => (us === undefined ? "" : (Number(us) / 1000).toFixed(1) + " ms");

export function moment(text) {
  if (!text) return "";
  const time = new Date(text);
  const today = time.toDateString() === new Date().toDateString();
  return today ? time.toLocaleTimeString() : time.toLocaleString();
}
