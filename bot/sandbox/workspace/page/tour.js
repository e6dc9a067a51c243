// The tour: steps with their marks, the part of the page that a step speaks of, and the step done by itself.
import { change } from "./control.js";
import { el, fill } from "./dom.js";

const STORED = "tour";
/** Where a step says to look → the element; the last one that is there. */
const LOOKS = {
  composer: "#composer", modal: ".modal, .confirm", card: ".pane .message:has(.header)", thread: ".thread, .replies",
  people: "#person-switcher", control: "#switches", calls: "#calls", requests: "#requests",
};
const MARK = "looked-at";
/** So many steps are shown before and after the one of now, so that what lies below the tour can be seen. */
const BEFORE = 1;
const AFTER = 2;

export class Tour {
  /** `changed` is told when another step is chosen, `acted` when a step was done for the person. */
  constructor(changed, acted) {
    this.changed = changed;
    this.acted = acted;
    this.isOpen = localStorage.getItem(STORED) !== "closed";
    this.isWhole = false;
    this.node = el("section", { class: "part tour", testid: "tour", "aria-labelledby": "tour-title" });
  }

  draw(steps) {
    this.steps = steps;
    this.node.hidden = !steps.length;
    const done = steps.filter((step) => step.done).length;
    fill(this.node,
      el("div", { class: "part-head" },
        el("h3", { id: "tour-title" }, el("button", { type: "button", class: "fold", id: "tour-fold", testid: "tour-fold", "aria-expanded": String(this.isOpen), onclick: () => this.#fold() }, "Take the tour")),
        el("span", { class: "soft small", testid: "tour-done" }, `${done} of ${steps.length} done`)),
      this.isOpen && this.#list(),
      this.isOpen && done === steps.length && el("p", { class: "small" }, "That was all. Now break something below, and see what the bot does."));
    return this.node;
  }

  #list() {
    const { steps } = this;
    const now = this.#now() ? steps.indexOf(this.#now()) : steps.length;
    const first = this.isWhole ? 0 : Math.max(0, Math.min(now - BEFORE, steps.length - BEFORE - AFTER - 1));
    const shown = this.isWhole ? steps : steps.slice(first, Math.max(now + AFTER, first + BEFORE + AFTER) + 1);
    const isCut = this.isWhole || shown.length < steps.length;
    return [
      el("ol", { class: "steps", start: first + 1, style: `counter-reset: step ${first}` }, shown.map((step) => this.#step(step))),
      isCut && el("button", { type: "button", class: "whole soft small", id: "tour-whole", testid: "tour-whole", "aria-expanded": String(this.isWhole), onclick: () => this.#unfold() }, this.isWhole ? "Show fewer steps" : `Show all ${steps.length} steps`),
    ];
  }

  #unfold() {
    this.isWhole = !this.isWhole;
    this.changed();
  }

  /** Mark what the step of now speaks of. */
  point(isShown) {
    const where = isShown && this.isOpen && LOOKS[this.#now()?.look];
    const found = where ? [...document.querySelectorAll(where)].at(-1) : null;
    for (const node of document.querySelectorAll(`.${MARK}`)) if (node !== found) node.classList.remove(MARK);
    found?.classList.add(MARK);
  }

  /** The step that a person chose to read, until it gets done; else the first that is not done. */
  #now() {
    const chosen = this.steps.find((step) => step.id === this.chosen?.id && step.done === this.chosen.done);
    return chosen ?? this.steps.find((step) => !step.done);
  }

  #choose(step) {
    this.chosen = { id: step.id, done: step.done };
    this.changed();
  }

  #fold() {
    this.isOpen = !this.isOpen;
    localStorage.setItem(STORED, this.isOpen ? "open" : "closed");
    this.changed();
  }

  #step(step) {
    const isNow = step === this.#now();
    return el("li", { class: `step${step.done ? " done" : ""}${isNow ? " now" : ""}`, testid: `step-${step.id}`, "aria-current": isNow ? "step" : undefined },
      el("button", { type: "button", class: "step-title", id: `step-${step.id}`, "aria-expanded": String(isNow), onclick: () => this.#choose(step) },
        step.title, step.done && el("span", { class: "unseen" }, " (done)")),
      isNow && el("div", { class: "step-text" }, el("p", {}, step.text), step.act && !step.done && this.#button(step)));
  }

  #button(step) {
    const node = el("button", { type: "button", class: "button slim primary", id: "tour-act", testid: "tour-act", onclick: () => this.#act(step, node) }, step.act.label);
    return node;
  }

  async #act(step, node) {
    if (node.getAttribute("aria-busy") === "true") return;
    node.setAttribute("aria-busy", "true");
    this.chosen = null;
    const isDone = await change("tour", { id: step.id });
    node.removeAttribute("aria-busy");
    if (isDone) this.acted();
  }
}
