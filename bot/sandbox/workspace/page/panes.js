// The middle of the page, a thread beside it, and the app's Home tab.
import { block } from "./blocks.js";
import { Composer } from "./composer.js";
import { el, fill, Kept, keepingFocus, reconcile } from "./dom.js";
import { Timeline } from "./messages.js";
import { Surface } from "./surface.js";

/** A channel: its head, its messages, the composer. */
export class ChannelPane {
  constructor(world, openThread) {
    this.world = world;
    this.id = world.channel;
    this.head = el("header", { class: "head" });
    this.notice = el("div", { class: "notice-place" });
    this.timeline = new Timeline(world, "Messages", { inThread: false, openThread });
    this.foot = el("div", {});
    this.node = el("main", { class: "pane" }, this.head, this.notice, this.timeline.node, this.foot);
    const channel = world.channelOf(this.id);
    this.composer = channel && !channel.is_archived ? new Composer(world, this.id) : null;
    fill(this.foot, this.composer?.node ?? el("p", { class: "closed" }, "This channel is archived. It is kept for the record."));
  }

  draw(guide) {
    const channel = this.world.channelOf(this.id);
    const mark = { channel: "# ", private: "🔒 " }[channel?.kind] ?? "";
    fill(this.head, el("h1", {}, mark, this.world.channelName(this.id)), channel?.topic && el("p", { title: channel.topic }, channel.topic));
    fill(this.notice, guide);
    this.timeline.draw(this.world.roots(this.id), "Nothing has been said here yet.");
  }
}

/** A thread. */
export class ThreadPane {
  constructor(world, close) {
    this.ts = world.thread;
    this.channel = world.channel;
    this.world = world;
    this.timeline = new Timeline(world, "Thread", { inThread: true });
    this.composer = world.channelOf(this.channel)?.is_archived ? null : new Composer(world, this.channel, this.ts);
    this.node = el("aside", { class: "thread", testid: "thread", "aria-label": "Thread", onkeydown: (event) => { if (event.key === "Escape" && !event.defaultPrevented) close(); } },
      el("header", { class: "head" }, el("h1", {}, "Thread"), el("p", {}, world.channelName(this.channel)),
        el("button", { type: "button", class: "icon", testid: "thread-close", "aria-label": "Close thread", onclick: close }, "✕")),
      this.timeline.node, this.composer?.node);
  }

  draw() { this.timeline.draw(this.world.replies(this.channel, this.ts), "This thread is gone."); }
}

/** The app's Home tab. */
export class HomePane {
  #kept = new Kept();
  #surface = null;

  constructor(world) {
    this.world = world;
    this.body = el("div", { class: "home blocks" });
    this.node = el("main", { class: "pane", testid: "home" },
      el("header", { class: "head" }, el("h1", {}, world.bot.name), el("p", {}, "Home")), el("div", { class: "timeline" }, this.body));
  }

  draw() {
    const view = this.world.state.home;
    if (!view) return void fill(this.body, el("p", { class: "soft empty" }, "The app has not shown anything here yet."));
    if (this.#surface?.where.view_id !== view.id) this.#surface = new Surface(this.world, { view_id: view.id }, view.id);
    this.#surface.take(view.blocks, view.state);
    const shown = view.blocks.map((each) => this.#kept.get(each.block_id, JSON.stringify(each), () => block(each, this.#surface)));
    keepingFocus(() => reconcile(this.body, shown));
    this.#kept.sweep();
  }
}
