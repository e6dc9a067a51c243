// The card for a stranger: how to try it.
import { el } from "./dom.js";

const SEEN = "guide-seen";

export class Guide {
  isOpen = !localStorage.getItem(SEEN);
  isAskedFor = false;

  constructor(changed) { this.changed = changed; }

  show(isOpen) {
    this.isOpen = this.isAskedFor = isOpen;
    if (isOpen) localStorage.removeItem(SEEN);
    else localStorage.setItem(SEEN, "1");
    this.changed();
  }

  /** Something better explains the page: `help` shows it. */
  replaceBy(help) {
    this.help = help;
    this.isOpen = false;
  }

  /** A person asks how to try it. */
  help() { this.show(!this.isAskedFor); }

  draw(world) {
    const isUnderstood = world.messages(world.channel).some((message) => message.bot && !message.ephemeral_to);
    if (!this.isOpen || (isUnderstood && !this.isAskedFor)) return null;
    const command = world.state.commands[0]?.command ?? "/";
    const steps = [
      ["As Alice", el("span", {}, "type ", el("code", {}, `${command} orders-prod to orders-staging`), " below.")],
      ["Fill the form", "choose a backup, give a reason, check, ask."],
      ["Switch to Bob", "at the top right, and approve on the card."],
      ["Watch the thread", "until the database is back."],
    ];
    return el("aside", { class: "guide", "aria-label": "How to try it" },
      el("strong", {}, "How to try it"),
      el("ol", {}, steps.map(([what, how]) => el("li", {}, el("b", {}, what), " ", how))),
      el("button", { type: "button", class: "icon", "aria-label": "Dismiss", onclick: () => this.show(false) }, "✕"));
  }
}
