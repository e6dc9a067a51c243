// Puts the page together: who is at the screen, where they are, and what is pushed.
import { call, live, load, post } from "./api.js";
import { Backstage } from "./backstage.js";
import { sidebar } from "./channels.js";
import { el, fill, keepingFocus } from "./dom.js";
import { Guide } from "./guide.js";
import { icon } from "./icons.js";
import { menu } from "./menu.js";
import { Modals } from "./modal.js";
import { ChannelPane, HomePane, ThreadPane } from "./panes.js";
import { personSwitcher } from "./people.js";
import { World } from "./store.js";
import { restoreTheme, themeToggle } from "./theme.js";

const FIRST_PERSON = "U0ALICE";
const PERMALINK = /^\/archives\/(\w+)\/p(\d+)(\d{6})$/;

class App {
  constructor() {
    this.modals = new Modals();
    this.guide = new Guide(() => this.draw());
    this.backstage = new Backstage();
    this.top = el("header", { class: "topbar" });
    this.side = el("nav", { class: "sidebar", id: "sidebar", "aria-label": "Channels" });
    this.middle = el("div", { class: "middle" });
    this.status = el("div", { class: "status", role: "status" });
    this.frame = el("div", { class: "frame" }, this.top, this.status, this.side, el("div", { class: "shade", onclick: () => this.drawer(false) }), this.middle);
    document.addEventListener("visibilitychange", () => this.world && this.draw());
    this.side.addEventListener("keydown", (event) => { if (event.key === "Escape" && !event.defaultPrevented) this.drawer(false); });
  }

  async begin() {
    const address = new URL(location.href);
    const linked = PERMALINK.exec(address.pathname);
    this.ready = this.backstage.begin().then((isThere) => isThere && this.guide.replaceBy(() => this.backstage.show(true)));
    await this.become(address.searchParams.get("user") ?? FIRST_PERSON, linked?.[1] ?? address.searchParams.get("channel"));
    if (linked) this.#open(`${linked[2]}.${linked[3]}`);
  }

  /** Let another person sit down at the screen. */
  async become(user, channel = this.world?.channel) {
    const state = (await load(user)) ?? (user === FIRST_PERSON ? null : await load(FIRST_PERSON));
    await this.ready;
    if (!state) return this.#closed();
    this.stop?.();
    this.modals.reset();
    this.#take(new World(state, channel));
    this.stop = live(state.me, { onFrame: (frame) => this.heard(frame), onOpen: (again) => this.#online(again), onDown: () => this.#down() });
    this.pane.composer?.focus();
  }

  #take(world) {
    this.world = world;
    this.pane = this.threadPane = null;
    fill(document.getElementById("app"), this.frame);
    fill(this.top, this.#topbar());
    this.draw();
    this.pane.timeline?.toEnd();
    this.modals.show(world.state.views, world);
  }

  #closed() {
    fill(document.getElementById("app"), el("p", { class: "starting" }, "The local Slack does not answer. ", el("button", { type: "button", class: "button", onclick: () => location.reload() }, "Try again")));
  }

  async #online(again) {
    this.world.online = true;
    if (!again) return;
    const state = await load(this.world.me);
    if (!state) return;
    this.world.begin(state);
    this.modals.show(state.views, this.world);
    this.draw();
  }

  #down() {
    this.world.online = false;
    this.draw();
  }

  heard(frame) {
    if (frame.type === "views") this.modals.show(frame.views, this.world);
    else this.world.take(frame);
    this.draw();
  }

  go(channel) {
    this.world.go(channel);
    this.drawer(false);
    this.draw();
    this.pane.timeline.toEnd();
    this.pane.composer?.focus();
  }

  goHome() {
    Object.assign(this.world, { atHome: true, thread: null });
    this.drawer(false);
    this.draw();
    call("home", { user: this.world.me });
  }

  async write(person) {
    const answer = await call("open_dm", { user: this.world.me, with: person });
    if (!answer.ok) return;
    this.world.putChannel(answer.channel);
    this.go(answer.channel.id);
  }

  openThread(ts, toWrite = false) {
    this.world.thread = ts;
    this.draw();
    this.threadPane.timeline.toEnd();
    if (toWrite) this.threadPane.composer?.focus();
    else this.threadPane.node.querySelector("[data-testid=thread-close]").focus();
  }

  closeThread() {
    const opener = document.getElementById(`thread-open-${this.world.thread}`);
    this.world.thread = null;
    this.draw();
    (opener ?? this.pane.composer)?.focus();
  }

  /** A permalink: show the message, and its thread if it has one. */
  #open(ts) {
    const message = this.world.messages(this.world.channel).find((each) => each.ts === ts);
    if (message?.thread_ts || message?.reply_count) this.openThread(message.thread_ts ?? ts);
    const nodes = [...document.querySelectorAll("[data-testid^='message-']")].filter((node) => node.dataset.testid === `message-${ts}`);
    nodes.at(-1)?.scrollIntoView({ block: "center" });
    nodes.at(-1)?.classList.add("pointed");
  }

  drawer(isOpen) {
    this.frame.classList.toggle("drawer-open", isOpen);
    this.opener?.setAttribute("aria-expanded", String(isOpen));
    if (isOpen) this.side.querySelector("[aria-current]")?.focus();
  }

  draw() {
    const { world } = this;
    this.#seen();
    this.#address();
    const doors = { go: (id) => this.go(id), goHome: () => this.goHome(), write: (id) => this.write(id) };
    this.#panes(doors);
    if (!this.side.querySelector("[role=menu]:popover-open")) keepingFocus(() => fill(this.side, sidebar(world, doors)));
    fill(this.status, this.#trouble());
    this.pane.draw(this.pane.isOfApp ? null : this.guide.draw(world));
    this.threadPane?.draw();
    this.frame.classList.toggle("with-thread", Boolean(this.threadPane));
    this.#news(world.channels.some((channel) => world.unread(channel.id).any));
    this.backstage.point();
  }

  /** On a phone the list of channels is hidden, so its button tells. */
  #news(any) {
    this.opener.classList.toggle("has-news", any);
    this.opener.setAttribute("aria-label", any ? "Channels, new messages" : "Channels");
  }

  /** What is on the screen has been read. */
  #seen() {
    const { world } = this;
    const newest = document.hidden || world.atHome ? null : world.markRead(world.channel);
    if (newest) post("/_page/read", { user: world.me, channel: world.channel, ts: newest });
  }

  #panes(doors) {
    const { world } = this;
    const kind = world.atHome ? HomePane : ChannelPane;
    if (!(this.pane instanceof kind) || (!world.atHome && this.pane.id !== world.channel)) this.pane = world.atHome ? new HomePane(world, doors) : new ChannelPane(world, (ts, toWrite) => this.openThread(ts, toWrite), doors);
    if (!world.thread) this.threadPane = null;
    else if (this.threadPane?.ts !== world.thread || this.threadPane.channel !== world.channel) this.threadPane = new ThreadPane(world, () => this.closeThread());
    const wanted = [this.pane.node, ...(this.threadPane ? [this.threadPane.node] : [])];
    if (wanted.length !== this.middle.children.length || wanted.some((node, index) => this.middle.children[index] !== node)) fill(this.middle, wanted);
  }

  #trouble() {
    if (!this.world.online) return el("span", { class: "trouble" }, "No connection to the local Slack. Trying again…");
    return this.world.bot.connected ? null : el("span", { class: "trouble" }, `${this.world.bot.name} is not connected.`);
  }

  #address() {
    const query = new URLSearchParams({ user: this.world.me, channel: this.world.channel ?? "" });
    history.replaceState(null, "", `/?${query}`);
    document.title = `${this.world.atHome ? this.world.bot.name : this.world.channelName(this.world.channel)} · ${this.world.personName(this.world.me)}`;
  }

  #topbar() {
    const { world } = this;
    const use = (shortcut) => call("shortcut", { user: world.me, callback_id: shortcut.callback_id });
    this.opener = el("button", { type: "button", class: "icon drawer", testid: "drawer", "aria-label": "Channels", "aria-controls": "sidebar", "aria-expanded": "false", onclick: () => this.drawer(!this.frame.classList.contains("drawer-open")) }, icon("menu"));
    const bolt = [icon("bolt"), el("span", { class: "wide-only" }, "Shortcuts")];
    return [this.opener, el("strong", { class: "brand" }, world.state.team.name),
      el("button", { type: "button", class: "icon", testid: "guide", "aria-label": "How to try it", title: "How to try it", onclick: () => this.guide.help() }, "?"),
      themeToggle(),
      menu({
        label: "Shortcuts", testid: "shortcuts", id: "shortcuts", className: "button", align: "end", wide: true, face: bolt,
        items: () => world.shortcuts("global").map((shortcut) => ({
          testid: `shortcut-${shortcut.callback_id}`, run: () => use(shortcut),
          face: el("span", { class: "who" }, el("strong", {}, shortcut.name), el("small", {}, shortcut.description)),
        })),
      }),
      personSwitcher(world, (user) => this.become(user))];
  }
}

restoreTheme();
new App().begin();
