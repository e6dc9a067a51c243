// A typeahead: the ARIA combobox with a list of options, for every kind of select.
import { el, fill } from "./dom.js";
import { plain } from "./mrkdwn.js";
import { close, isOpen, openBy } from "./placed.js";

const WAIT_MS = 200;

/**
 * `find(typed)` gives groups of options or a promise of them; `wait` is whether typing is slow to answer; `min` the characters
 * that are needed first; `chosen` the option now; `pick(option | null)` is told of a choice; `clears` empties after a choice.
 */
export class Combobox {
  constructor(settings) {
    this.settings = settings;
    this.chosen = settings.chosen ?? null;
    this.options = [];
    this.active = -1;
    this.asked = 0;
    const listId = `${settings.id}-list`;
    this.list = el("div", { id: listId, role: "listbox", class: "options", "aria-label": settings.name, popover: "manual" });
    this.input = el("input", {
      ...settings.attributes, id: settings.id, type: "text", role: "combobox", autocomplete: "off", spellcheck: "false",
      "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": listId, placeholder: settings.placeholder,
      oninput: () => this.#typed(), onkeydown: (event) => this.#key(event), onclick: () => this.#show(""),
      onfocus: () => this.input.select(), onblur: () => this.#left(),
    });
    this.input.value = this.#label();
    this.node = el("div", { class: "combobox" }, this.input, el("span", { class: "chevron", "aria-hidden": "true" }, "⌄"), this.list);
  }

  #label() { return this.chosen ? plain(this.chosen.text) : ""; }
  get #isOpen() { return isOpen(this.list); }

  #typed() {
    clearTimeout(this.timer);
    const typed = this.input.value;
    if (!typed && this.chosen) this.#take(null);
    if (this.settings.wait) this.timer = setTimeout(() => this.#show(typed), WAIT_MS);
    else this.#show(typed);
  }

  /** Show what fits the typed characters; a slower, older answer is dropped. */
  async #show(typed) {
    const number = ++this.asked;
    if (typed.length < (this.settings.min ?? 0)) return this.#say(`Type ${this.settings.min} or more characters`);
    if (this.settings.wait && !this.#isOpen) this.#say("Loading…");
    const groups = await this.settings.find(typed);
    if (number === this.asked && document.activeElement === this.input) this.#draw(groups);
  }

  #draw(groups) {
    this.options = groups.flatMap((group) => group.options);
    if (!this.options.length) return this.#say("No results");
    const chosenAt = this.options.findIndex((option) => option.value === this.chosen?.value);
    let index = 0;
    fill(this.list, groups.filter((group) => group.options.length).map((group) => [
      group.label && el("div", { class: "group", role: "presentation" }, plain(group.label)),
      group.options.map((option) => this.#option(option, index++)),
    ]));
    this.#opened(true);
    this.#activate(Math.max(chosenAt, 0));
  }

  #option(option, index) {
    const isChosen = option.value === this.chosen?.value;
    return el("div", {
      role: "option", testid: "option", id: `${this.settings.id}-option-${index}`, class: isChosen ? "chosen" : "", "aria-selected": String(isChosen),
      onmousedown: (event) => event.preventDefault(), onclick: () => this.#pick(option), onmousemove: () => this.#activate(index),
    }, el("span", {}, plain(option.text)), option.description && el("small", {}, plain(option.description)));
  }

  #say(words) {
    this.options = [];
    this.#activate(-1);
    fill(this.list, el("div", { class: "none", role: "presentation" }, words));
    this.#opened(true);
  }

  #activate(index) {
    this.active = index;
    const nodes = [...this.list.querySelectorAll("[role=option]")];
    nodes.forEach((node, at) => node.classList.toggle("active", at === index));
    if (index < 0) return this.input.removeAttribute("aria-activedescendant");
    this.input.setAttribute("aria-activedescendant", nodes[index].id);
    nodes[index].scrollIntoView({ block: "nearest" });
  }

  #opened(shown) {
    if (shown) openBy(this.list, this.input, { asWide: true });
    else close(this.list);
    this.input.setAttribute("aria-expanded", String(shown));
    if (!shown) this.input.removeAttribute("aria-activedescendant");
  }

  #close() {
    this.asked += 1;
    clearTimeout(this.timer);
    this.#opened(false);
  }

  #take(option) {
    this.chosen = this.settings.clears ? null : option;
    this.settings.pick(option);
  }

  #pick(option) {
    this.#close();
    this.#take(option);
    this.input.value = this.#label();
  }

  #left() {
    this.#close();
    this.input.value = this.#label();
  }

  #key(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      event.preventDefault();
      if (!this.#isOpen) this.#show("");
      else if (this.options.length) this.#activate((this.active + step + this.options.length) % this.options.length);
    } else if (event.key === "Enter") {
      event.preventDefault();
      if (this.#isOpen && this.active >= 0) this.#pick(this.options[this.active]);
    } else if (event.key === "Escape" && this.#isOpen) {
      event.preventDefault();
      event.stopPropagation();
      this.#close();
      this.input.value = this.#label();
    }
  }
}
