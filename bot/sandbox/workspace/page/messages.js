// Messages in a channel and in a thread.
import { call } from "./api.js";
import { block } from "./blocks.js";
import { dayLine, isoDay, time } from "./clock.js";
import { el, Kept, keepingFocus, reconcile } from "./dom.js";
import { icon } from "./icons.js";
import { menu } from "./menu.js";
import { mrkdwn } from "./mrkdwn.js";
import { avatar } from "./people.js";
import { Surface } from "./surface.js";
import { toast } from "./toast.js";

/** How far from the end somebody still counts as reading the end, in pixels. */
const NEAR_END = 90;
/** Messages of one person within so many seconds stand under one name. */
const ONE_BREATH = 300;

const moment = (message) => new Date(Number(message.ts) * 1000);

/** A list of messages that changes only where something changed, and stays at its end if it was there. */
export class Timeline {
  #kept = new Kept();
  #surfaces = new Map();
  #shown = new WeakMap();
  #tools = null;
  #isAtEnd = true;

  constructor(world, label, { inThread, openThread }) {
    this.world = world;
    this.inThread = inThread;
    this.openThread = openThread;
    this.node = el("div", { class: "timeline", role: "log", tabindex: "0", "aria-label": label, onkeydown: (event) => this.#key(event) });
    for (const kind of ["pointerover", "focusin"]) this.node.addEventListener(kind, (event) => this.#attend(event.target.closest(".message")));
    this.node.addEventListener("pointerleave", () => this.#attend(null));
    this.node.addEventListener("scroll", () => { this.#isAtEnd = this.#nearEnd(); }, { passive: true });
    new ResizeObserver(() => this.#isAtEnd && this.toEnd()).observe(this.node);
  }

  /** The tools of a message are there while it has the pointer or the focus, so Tab does not stop at every message. */
  #attend(row) {
    const inUse = this.#tools?.querySelector(":focus-visible, :popover-open");
    if (inUse || (row && row === this.#tools?.parentNode)) return;
    this.#tools?.remove();
    const message = row && this.#shown.get(row);
    this.#tools = message && !message.ephemeral_to ? this.#toolsOf(message) : null;
    if (this.#tools) row.append(this.#tools);
  }

  /** Up and down go from message to message; what can be done with one is reached by Tab from there. */
  #key(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const here = document.activeElement;
    if (!step || (here !== this.node && !here.matches(".message"))) return;
    const all = [...this.node.querySelectorAll(".message")];
    const next = here === this.node ? all.at(-1) : all[all.indexOf(here) + step];
    if (!next) return;
    event.preventDefault();
    next.focus();
    next.scrollIntoView({ block: "nearest" });
  }

  draw(messages, empty) {
    keepingFocus(() => reconcile(this.node, messages.length ? this.#rows(messages) : [el("p", { class: "soft empty" }, empty)]));
    this.#kept.sweep();
    if (this.#isAtEnd) this.toEnd();
  }

  toEnd() {
    this.#isAtEnd = true;
    this.node.scrollTop = this.node.scrollHeight;
  }

  #nearEnd() { return this.node.scrollTop + this.node.clientHeight > this.node.scrollHeight - NEAR_END; }

  #rows(messages) {
    const { tz, newFrom } = this.world;
    let day = null;
    let above = null;
    return messages.flatMap((message, index) => {
      const on = isoDay(moment(message), tz);
      const dividers = this.inThread || on === day ? [] : [this.#day(on, dayLine(moment(message), tz))];
      if (!this.inThread && message.ts === newFrom) dividers.push(this.#kept.get("new", newFrom, () => el("div", { class: "day new", testid: "new-line" }, el("span", {}, "New"))));
      if (this.inThread && index === 1) dividers.push(this.#count(messages.length - 1));
      const follows = !dividers.length && goesOn(above, message);
      day = on;
      above = message;
      return [...dividers, this.#kept.get(message.ts, JSON.stringify([message, follows]), () => this.#message(message, follows))];
    });
  }

  #count(replies) { return this.#kept.get("count", replies, () => el("div", { class: "day count-line" }, el("span", {}, replied(replies)))); }

  #day(on, line) { return this.#kept.get(`day-${on}`, line, () => el("div", { class: "day" }, el("span", {}, line))); }

  #message(message, follows) {
    const { world } = this;
    const person = world.person(message.user);
    const row = el("article", { class: `message${message.ephemeral_to ? " ephemeral" : ""}${follows ? " follows" : ""}`, testid: `message-${message.ts}`, id: `${this.inThread ? "t" : "m"}-${message.ts}`, tabindex: "-1", "aria-label": `Message of ${world.personName(person.id)}` },
      follows ? el("time", { class: "beside", "aria-hidden": "true" }, time(moment(message), world.tz)) : avatar(person),
      el("div", { class: "content" },
        message.ephemeral_to && el("div", { class: "soft small only" }, icon("eye"), "Only visible to you"),
        message.broadcast && !this.inThread && this.#repliedTo(message),
        el("div", { class: "by" }, el("strong", {}, world.personName(person.id)), (message.bot || person.is_bot) && el("span", { class: "badge" }, "APP"),
          el("time", { datetime: moment(message).toISOString(), title: moment(message).toISOString() }, time(moment(message), world.tz)),
          message.edited && el("span", { class: "soft small" }, "(edited)")),
        this.#body(message),
        !this.inThread && this.#replies(message)));
    this.#shown.set(row, message);
    return row;
  }

  #body(message) {
    if (!message.blocks?.length) return mrkdwn(message.text ?? "", this.world);
    const key = `${this.inThread ? "t" : "m"}-${message.channel}-${message.ts}`;
    const surface = this.#surfaces.get(key) ?? new Surface(this.world, { message: { channel: message.channel, ts: message.ts } }, key);
    this.#surfaces.set(key, surface);
    surface.take(message.blocks);
    return el("div", { class: "blocks" }, message.blocks.map((each) => block(each, surface)));
  }

  #repliedTo(message) {
    return el("div", { class: "soft small" }, "replied to a thread: ",
      el("button", { type: "button", class: "link", onclick: () => this.openThread(message.thread_ts) }, "open it"));
  }

  #replies(message) {
    const count = message.reply_count;
    if (!count) return null;
    const last = this.world.replies(message.channel, message.ts).at(-1);
    return el("button", { type: "button", class: "replies", id: `thread-open-${message.ts}`, testid: `thread-open-${message.ts}`, onclick: () => this.openThread(message.ts) },
      el("b", {}, replied(count)), last && el("span", { class: "soft" }, `Last at ${time(moment(last), this.world.tz)}`));
  }

  #toolsOf(message) {
    const { world } = this;
    const root = message.thread_ts ?? message.ts;
    const use = (shortcut) => call("shortcut", { user: world.me, callback_id: shortcut.callback_id, channel: message.channel, ts: message.ts });
    return el("div", { class: "tools", role: "toolbar", "aria-label": "Message actions" },
      !this.inThread && el("button", { type: "button", testid: `reply-${message.ts}`, "aria-label": "Reply in thread", title: "Reply in thread", onclick: () => this.openThread(root, true) }, icon("reply")),
      menu({
        label: "More actions", testid: `menu-${message.ts}`, id: `${this.inThread ? "t" : "m"}-menu-${message.ts}`, className: "", face: icon("more"), align: "end", wide: true,
        items: () => [
          ...world.shortcuts("message").map((shortcut) => ({ testid: `shortcut-${shortcut.callback_id}`, run: () => use(shortcut), face: described("bolt", shortcut.name, shortcut.description) })),
          { testid: "copy-link", run: () => copy(message.permalink), face: described("link", "Copy link", "To this message") },
        ],
      }));
  }
}

/** Whether a message belongs under the name that stands above it. */
const goesOn = (above, message) => Boolean(above) && above.user === message.user && !message.edited && !above.reply_count && !message.broadcast && !above.ephemeral_to && !message.ephemeral_to && Number(message.ts) - Number(above.ts) < ONE_BREATH;

const replied = (count) => `${count} ${count === 1 ? "reply" : "replies"}`;

const described = (sign, name, description) => [icon(sign), el("span", { class: "who" }, el("strong", {}, name), el("small", {}, description))];

async function copy(link) {
  try {
    await navigator.clipboard.writeText(link);
    toast("The link is copied.");
  } catch {
    toast(link);
  }
}
