// What can be changed in the sandbox: how long a restore takes, what goes wrong, and the bot itself.
import { change } from "./control.js";
import { el } from "./dom.js";

const MINUTE = 60;

export function switches([speeds, faults, actions, bot]) {
  return el("section", { class: "part", testid: "switches", id: "switches", "aria-labelledby": "switches-title" },
    el("div", { class: "part-head" }, el("h3", { id: "switches-title" }, "Make it go wrong")),
    faults.map(fault),
    el("div", { class: "bot-state" },
      el("span", { testid: "bot-state" }, el("span", { class: `dot ${bot.running ? "on" : ""}`, "aria-hidden": "true" }), bot.running ? " The bot is running" : " The bot is not running",
        bot.restarts > 0 && `, started again ${bot.restarts === 1 ? "once" : `${bot.restarts} times`}`),
      el("div", { class: "deeds" }, actions.map(action))),
    el("fieldset", { class: "speeds" }, el("legend", {}, "A restore takes"),
      speeds.choices.map((seconds) => speed(seconds, speeds.job_seconds))));
}

/** A switch that a person can turn. While the server is asked it cannot be turned again. */
function fault({ id, label, help, on }) {
  const node = el("button", {
    type: "button", role: "switch", class: "switch", id: `fault-${id}`, testid: `fault-${id}`, "aria-checked": String(on), "aria-describedby": `fault-${id}-help`,
    onclick: () => busy(node, () => change("fault", { id, on: !on })),
  }, el("span", { class: "knob", "aria-hidden": "true" }), el("span", {}, label));
  return el("div", { class: "fault" }, node, el("p", { class: "soft small", id: `fault-${id}-help` }, help));
}

/** What is not possible now stays where it is, so that the focus does too. */
function action({ id, label, help, possible = true }) {
  const node = el("button", { type: "button", class: "button slim", id: `action-${id}`, testid: `control-${id}`, title: help, "aria-disabled": String(!possible), onclick: () => possible && busy(node, () => change("action", { id })) }, label);
  return node;
}

function speed(seconds, now) {
  const radio = el("input", { type: "radio", name: "job-seconds", id: `speed-${seconds}`, testid: `speed-${seconds}`, onchange: () => change("speed", { job_seconds: seconds }) });
  radio.checked = seconds === now;
  return el("label", {}, radio, el("span", {}, lasting(seconds)));
}

const lasting = (seconds) => (seconds < MINUTE || seconds % MINUTE ? `${seconds} s` : `${seconds / MINUTE} min`);

async function busy(node, deed) {
  if (node.getAttribute("aria-busy") === "true") return;
  node.setAttribute("aria-busy", "true");
  await deed();
  node.removeAttribute("aria-busy");
}
