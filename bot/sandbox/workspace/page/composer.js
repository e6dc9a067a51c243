// Where messages and commands are typed.
import { call } from "./api.js";
import { el, fill } from "./dom.js";
import { toast } from "./toast.js";

const MAX_HEIGHT = 160;
const PHONE = "(max-width: 600px)";
const sent = [];
const drafts = new Map();

/** One per place; what was typed and not sent is found again on return. */
export class Composer {
  constructor(world, channel, thread = null) {
    Object.assign(this, { world, channel, thread, at: sent.length, active: 0, found: [] });
    this.place = `${world.me}/${channel}/${thread ?? ""}`;
    const name = thread ? "Reply" : `Message ${world.channelOf(channel)?.kind === "im" ? "" : "#"}${world.channelName(channel)}`;
    const kind = thread ? "thread-" : "";
    // A phone has room for one of the two, and the channel's name stands above.
    const invites = matchMedia(PHONE).matches ? "Message, or / for commands" : `${name}, or type / for commands`;
    this.list = el("div", { class: "completion", role: "listbox", id: `${kind}commands`, "aria-label": "Commands", hidden: true });
    this.hint = el("div", { class: "usage", hidden: true });
    this.box = el("textarea", {
      id: `${kind}composer`, testid: `${kind}composer`, rows: "1", "aria-label": name, placeholder: thread ? "Reply…" : invites,
      "aria-autocomplete": "list", "aria-controls": `${kind}commands`, oninput: () => this.#typed(), onkeydown: (event) => this.#key(event), onblur: () => { this.list.hidden = true; },
    });
    this.node = el("div", { class: "composer" }, this.list, this.hint,
      el("div", { class: "writing" }, this.box, el("button", { type: "button", class: "button primary", testid: `${kind}send`, onclick: () => this.#send() }, "Send")));
    this.#put(drafts.get(this.place) ?? "");
  }

  focus() { this.box.focus(); }

  #put(text) {
    this.box.value = text;
    this.#typed();
  }

  #typed() {
    const text = this.box.value;
    drafts.set(this.place, text);
    this.box.style.height = "auto";
    if (this.box.scrollHeight) this.box.style.height = `${Math.min(this.box.scrollHeight, MAX_HEIGHT)}px`;
    const first = text.split(/\s/)[0];
    const begins = (command) => command.command.startsWith(first);
    const commands = this.world.state.commands;
    this.found = text.startsWith("/") && first === text && !this.thread ? commands.filter(begins) : [];
    const typedOut = text.startsWith("/") && first !== text && !this.thread ? commands.find((command) => command.command === first) : null;
    this.hint.hidden = !typedOut?.usage_hint;
    fill(this.hint, typedOut && el("code", {}, typedOut.command), typedOut?.usage_hint);
    this.active = 0;
    this.#offer();
  }

  #offer() {
    this.list.hidden = !this.found.length;
    fill(this.list, this.found.map((command, index) => el("div", {
      role: "option", id: `command-${index}`, testid: "command", class: index === this.active ? "active" : "", "aria-selected": String(index === this.active),
      onmousedown: (event) => event.preventDefault(), onclick: () => this.#complete(command),
    }, el("span", {}, el("b", {}, command.command), " ", el("span", { class: "soft" }, command.usage_hint)), el("small", {}, command.description))));
    if (this.found.length) this.box.setAttribute("aria-activedescendant", `command-${this.active}`);
    else this.box.removeAttribute("aria-activedescendant");
  }

  #complete(command) {
    this.#put(`${command.command} `);
    this.box.focus();
  }

  #key(event) {
    if (event.isComposing) return;
    const offering = !this.list.hidden;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (offering && step) this.active = (this.active + step + this.found.length) % this.found.length;
    else if (event.key === "Escape" && offering) this.found = [];
    else if (event.key === "Tab" && offering && !event.shiftKey) return this.#take(event, () => this.#complete(this.found[this.active]));
    else if (event.key === "Enter" && !event.shiftKey) return this.#take(event, () => this.#enter(offering));
    else if (step && this.#remembers(step)) return this.#take(event, () => this.#recall(step));
    else return;
    this.#take(event, () => this.#offer());
  }

  #take(event, deed) {
    event.preventDefault();
    deed();
  }

  #enter(offering) {
    const chosen = this.found[this.active];
    if (offering && chosen.command !== this.box.value) this.#complete(chosen);
    else this.#send();
  }

  /** Up and down go through what was sent, as long as nothing else was typed. */
  #remembers(step) {
    const untouched = this.box.value === "" || this.box.value === sent[this.at];
    return untouched && this.at + step >= 0 && this.at + step <= sent.length;
  }

  #recall(step) {
    this.at += step;
    this.#put(sent[this.at] ?? "");
  }

  async #send() {
    const text = this.box.value.trim();
    if (!text) return;
    const isCommand = text.startsWith("/");
    if (isCommand && this.thread) return toast(`${text.split(/\s/)[0]} is not supported in threads. Use it in the channel, or the shortcut on a message.`);
    if (sent.at(-1) !== text) sent.push(text);
    this.at = sent.length;
    this.#put("");
    const body = { user: this.world.me, channel: this.channel, text };
    const answer = isCommand ? await call("command", body) : await call("message", { ...body, ...(this.thread ? { thread_ts: this.thread } : {}) });
    if (!answer.ok && !this.box.value) this.#put(text);
  }
}
