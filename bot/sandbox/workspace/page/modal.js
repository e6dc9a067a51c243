// The person's stack of modals: the one on top is shown.
import { call, post } from "./api.js";
import { block } from "./blocks.js";
import { el, fill, focusable, Kept, keepingFocus, reconcile } from "./dom.js";
import { icon } from "./icons.js";
import { plain } from "./mrkdwn.js";
import { lay } from "./overlay.js";
import { Surface } from "./surface.js";

const FIELD = "input, textarea";
const WRONG = ".wrong :is(input, textarea, select)";

export class Modals {
  #forms = new Map();
  #shown = null;
  #lift = null;

  /** Show this stack, bottom first. A view that is already open keeps what was entered in it. */
  show(views, world) {
    for (const id of this.#forms.keys()) if (!views.some((view) => view.id === id)) this.#forms.delete(id);
    const view = views.at(-1);
    if (!view) return this.#clear();
    const form = this.#forms.get(view.id) ?? this.#add(view, world);
    const hadFields = form.hasFields;
    keepingFocus(() => form.draw(view, views.length > 1));
    // A modal that only said "wait" has got its fields now: a person begins at the first one.
    if (this.#shown === form) return void (hadFields || !form.hasFields || form.focusFirst());
    this.#shown = form;
    this.#place(form);
  }

  /** Take everything off at once: another person sits down. */
  reset() {
    this.#forms.clear();
    this.#clear();
  }

  #add(view, world) {
    const form = new Form(view, world);
    this.#forms.set(view.id, form);
    return form;
  }

  #place(form) {
    this.host ??= el("div", { class: "modal-place" });
    fill(this.host, form.node);
    this.#lift ??= lay(this.host, () => this.#shown?.close(false));
    form.focusFirst();
  }

  #clear() {
    this.#shown = null;
    this.#lift?.();
    this.#lift = null;
  }
}

/** One view of the stack. */
class Form {
  #kept = new Kept();

  constructor(view, world) {
    this.world = world;
    this.id = view.id;
    this.isBusy = false;
    this.surface = new Surface(world, { view_id: view.id }, view.id);
    this.surface.errors = { ...view.errors };
    this.surface.onEntered = (blockId) => this.#forgive(blockId);
    this.title = el("h2", { id: `${view.id}-title` });
    this.body = el("div", { class: "body", role: "group", "aria-labelledby": `${view.id}-title` });
    this.trouble = el("div", { class: "trouble-line", role: "alert", testid: "modal-trouble" });
    this.foot = el("div", { class: "foot" });
    this.node = el("form", { class: "modal", role: "dialog", "aria-modal": "true", "aria-labelledby": `${view.id}-title`, testid: "modal", novalidate: true, onsubmit: (event) => this.#submit(event) },
      el("div", { class: "top" }, this.title, el("button", { type: "button", class: "icon", "aria-label": "Close", testid: "modal-close", onclick: () => this.close(true) }, icon("close"))),
      this.body, this.trouble, this.foot);
  }

  draw(view, isPushed) {
    this.view = view;
    this.surface.take(view.blocks, view.state);
    fill(this.title, plain(view.title));
    this.#blocks();
    const back = isPushed ? "Back" : plain(view.close) || "Cancel";
    this.button = view.submit && el("button", { type: "submit", id: `${view.id}-submit`, class: "button primary", testid: "modal-submit" }, plain(view.submit));
    fill(this.foot, el("button", { type: "button", id: `${view.id}-back`, class: "button", testid: "modal-back", onclick: () => this.close(false) }, back), this.button);
    this.#busy(this.isBusy);
  }

  #blocks() {
    reconcile(this.body, this.view.blocks.map((each) =>
      this.#kept.get(each.block_id, JSON.stringify([each, this.surface.errors[each.block_id]]), () => block(each, this.surface))));
    this.#kept.sweep();
    // Words alone can be longer than the window: then the body itself is what the arrow keys scroll.
    const isOnlyWords = !this.body.querySelector(`a[href], button, ${FIELD}`);
    if (isOnlyWords) this.body.tabIndex = 0;
    else this.body.removeAttribute("tabindex");
  }

  get hasFields() { return Boolean(this.body.querySelector(FIELD)); }

  focusFirst() {
    const fields = focusable(this.body);
    (this.body.querySelector(WRONG) ?? this.body.querySelector("[data-first]") ?? fields[0] ?? this.button ?? this.foot.firstChild).focus({ preventScroll: true });
    // The whole field, with its label, not only the line that is typed in.
    const here = document.activeElement;
    if (this.body.contains(here)) (here.closest(".field") ?? here).scrollIntoView({ block: "nearest" });
  }

  /** The button, or all of the stack by the cross. */
  async close(all) {
    await call("close", { user: this.world.me, view_id: this.id, all });
  }

  async #submit(event) {
    event.preventDefault();
    if (this.isBusy || !this.view.submit) return;
    this.#busy(true);
    fill(this.trouble);
    const answer = await post("/_page/submit", { user: this.world.me, view_id: this.id, state: this.surface.values.state() });
    this.#busy(false);
    fill(this.trouble, answer.ok ? null : answer.error);
    this.surface.errors = { ...answer.errors };
    this.#blocks();
    if (answer.errors) this.body.querySelector(WRONG)?.focus();
  }

  #busy(isBusy) {
    this.isBusy = isBusy;
    this.button?.setAttribute("aria-busy", String(isBusy));
    this.node.classList.toggle("busy", isBusy);
  }

  /** What was wrong is being changed, so the words about it go; the control itself stays, and the caret with it. */
  #forgive(blockId) {
    if (!this.surface.errors[blockId]) return;
    delete this.surface.errors[blockId];
    const wrong = [...this.body.querySelectorAll(".wrong")].find((node) => node.dataset.testid === `field-${blockId}`);
    wrong?.classList.remove("wrong");
    wrong?.querySelector(".error")?.remove();
    wrong?.querySelector("[aria-invalid]")?.removeAttribute("aria-invalid");
    const data = this.view.blocks.find((each) => each.block_id === blockId);
    this.#kept.adopt(blockId, JSON.stringify([data, undefined]));
  }
}
