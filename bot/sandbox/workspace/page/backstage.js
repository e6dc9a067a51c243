// The panel beside Slack: the tour, the requests, the calls to the cloud, and what can be made to go wrong.
import { cloudCalls, recoveryCount } from "./calls.js";
import * as control from "./control.js";
import { el, fill, Kept, keepingFocus, reconcile } from "./dom.js";
import { requests } from "./requests.js";
import { switches } from "./switches.js";
import { Tour } from "./tour.js";

const STORED = "backstage";
const ROOMY = "(min-width: 1180px)";

export class Backstage {
  #kept = new Kept();

  constructor() {
    this.node = document.getElementById("backstage");
    this.tour = new Tour(() => this.#draw(), () => this.#step());
    const chosen = localStorage.getItem(STORED);
    const isRoomy = matchMedia(ROOMY).matches;
    this.isOpen = isRoomy && chosen !== "closed";
    this.opened = new Map();
    this.rail = el("button", { type: "button", class: "rail", id: "backstage-toggle", testid: "backstage-toggle", "aria-controls": "backstage-panel", onclick: () => this.show(!this.isOpen) });
    this.panel = el("div", { class: "panel", id: "backstage-panel", testid: "backstage-panel", tabindex: "-1" });
    this.node.addEventListener("keydown", (event) => { if (event.key === "Escape" && !matchMedia(ROOMY).matches) this.show(false); });
    document.addEventListener("keydown", (event) => { if (event.key === "F6" && this.state) this.#jump(event); });
  }

  /** Whether there is anything to show; then it is shown and kept up to date. */
  async begin() {
    const state = await control.state();
    if (!state) return false;
    this.#take(state);
    fill(this.node, this.panel, this.rail);
    this.node.hidden = false;
    control.watch((next) => this.#take(next));
    return true;
  }

  show(isOpen) {
    this.isOpen = isOpen;
    localStorage.setItem(STORED, isOpen ? "open" : "closed");
    this.#draw();
    (isOpen ? this.panel : this.rail).focus({ preventScroll: true });
  }

  /** Something of the page was drawn anew, so what the tour points at may be another element. */
  point() { this.tour.point(this.isOpen && Boolean(this.state)); }

  #take(state) {
    this.state = state;
    this.#draw();
  }

  /** A step was done for the person: on a small screen they want to see it. */
  #step() { if (!matchMedia(ROOMY).matches) this.show(false); }

  /** F6 goes between Slack and this panel, also while a modal holds the focus. */
  #jump(event) {
    event.preventDefault();
    if (this.node.contains(document.activeElement)) return void (this.back?.isConnected ? this.back : document.getElementById("composer"))?.focus();
    this.back = document.activeElement;
    this.show(true);
  }

  #draw() {
    const { state } = this;
    this.node.classList.toggle("open", this.isOpen);
    this.rail.setAttribute("aria-expanded", String(this.isOpen));
    fill(this.rail, el("span", { class: "rail-name" }, "Behind the scenes"), recoveryCount(state.recovery_calls, true));
    this.panel.inert = !this.isOpen;
    const part = (name, data, make) => this.#kept.get(name, JSON.stringify(data), () => make(data));
    keepingFocus(() => reconcile(this.panel, [
      part("head", {}, head),
      this.tour.draw(state.tour),
      part("requests", [state.requests, state.states], ([list, states]) => requests(list, states, this.opened)),
      part("calls", [state.calls, state.recovery_calls], ([list, count]) => cloudCalls(list, count)),
      part("switches", [state.speeds, state.faults, state.actions, state.bot], switches),
    ]));
    this.#kept.sweep();
    this.point();
  }
}

const head = () => el("header", { class: "panel-head" }, el("h2", {}, "Behind the scenes"), el("p", {}, "Not a part of Slack: what the bot really does, and what you can break."));
