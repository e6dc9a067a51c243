// The middle of the page, a thread beside it, and the app's Home tab.
import { block } from "./blocks.js";
import { Composer } from "./composer.js";
import { el, fill, Kept, keepingFocus, reconcile } from "./dom.js";
import { icon } from "./icons.js";
import { Timeline } from "./messages.js";
import { Surface } from "./surface.js";

/** The two tabs of the app, as in Slack: what it shows, and what it writes. */
function appTabs(world, { goHome, write }) {
  const { home_tab: hasHome, messages_tab: hasMessages, user_id: app } = world.bot;
  const tab = (name, isCurrent, testid, go) => el("button", { type: "button", class: "tab", id: testid, testid, "aria-current": isCurrent ? "page" : undefined, onclick: go }, name);
  return el("nav", { class: "tabs", "aria-label": world.bot.name },
    hasHome && tab("Home", world.atHome, "tab-home", goHome),
    hasMessages && tab("Messages", !world.atHome, "tab-messages", () => write(app)));
}

/** A channel: its head, its messages, the composer. */
export class ChannelPane {
  constructor(world, openThread, doors) {
    this.world = world;
    this.doors = doors;
    this.id = world.channel;
    this.head = el("header", { class: "head" });
    this.notice = el("div", { class: "notice-place" });
    this.timeline = new Timeline(world, "Messages", { inThread: false, openThread });
    this.foot = el("div", {});
    this.node = el("main", { class: "pane" }, this.head, this.notice, this.timeline.node, this.foot);
    const channel = world.channelOf(this.id);
    this.composer = channel && !closedFor(channel) ? new Composer(world, this.id) : null;
    fill(this.foot, this.composer?.node ?? el("p", { class: "closed" }, closedFor(channel)));
  }

  /** Whether these are the messages of the app to this person. */
  get isOfApp() { return this.id === this.world.appChannel?.id; }

  draw(guide) {
    const channel = this.world.channelOf(this.id);
    const mark = { channel: "# ", private: icon("lock") }[channel?.kind];
    fill(this.head, el("h1", {}, mark, this.world.channelName(this.id)), this.isOfApp && appTabs(this.world, this.doors), channel?.topic && el("p", { title: channel.topic }, channel.topic));
    fill(this.notice, guide);
    const empty = this.isOfApp ? `What ${this.world.bot.name} writes to you alone stands here.` : "Nothing has been said here yet.";
    this.timeline.draw(this.world.roots(this.id), empty);
  }
}

/** Why nothing can be written here; empty where it can. */
function closedFor(channel) {
  if (channel?.is_archived) return "This channel is archived. It is kept for the record.";
  return channel?.is_read_only ? "Sending messages to this app has been turned off." : "";
}

/** A thread. */
export class ThreadPane {
  constructor(world, close) {
    this.ts = world.thread;
    this.channel = world.channel;
    this.world = world;
    this.timeline = new Timeline(world, "Thread", { inThread: true });
    this.composer = closedFor(world.channelOf(this.channel)) ? null : new Composer(world, this.channel, this.ts);
    this.node = el("aside", { class: "thread", testid: "thread", "aria-label": "Thread", onkeydown: (event) => { if (event.key === "Escape" && !event.defaultPrevented) close(); } },
      el("header", { class: "head" }, el("h1", {}, "Thread"), el("p", {}, world.channelOf(this.channel)?.kind === "im" ? "" : "#", world.channelName(this.channel)),
        el("button", { type: "button", class: "icon", testid: "thread-close", "aria-label": "Close thread", onclick: close }, icon("close"))),
      this.timeline.node, this.composer?.node);
  }

  draw() { this.timeline.draw(this.world.replies(this.channel, this.ts), "This thread is gone."); }
}

/** The app's Home tab. */
export class HomePane {
  #kept = new Kept();
  #surface = null;

  constructor(world, doors) {
    this.world = world;
    this.doors = doors;
    this.head = el("header", { class: "head" });
    this.body = el("div", { class: "home blocks" });
    this.node = el("main", { class: "pane", testid: "home" },
      this.head, el("div", { class: "timeline" }, this.body));
  }

  draw() {
    fill(this.head, el("h1", {}, this.world.bot.name), appTabs(this.world, this.doors));
    const view = this.world.state.home;
    if (!view) return void fill(this.body, el("p", { class: "soft empty" }, "The app has not shown anything here yet."));
    if (this.#surface?.where.view_id !== view.id) this.#surface = new Surface(this.world, { view_id: view.id }, view.id);
    this.#surface.take(view.blocks, view.state);
    const shown = view.blocks.map((each) => this.#kept.get(each.block_id, JSON.stringify(each), () => block(each, this.#surface)));
    keepingFocus(() => reconcile(this.body, shown));
    this.#kept.sweep();
  }
}
