// A button that opens a menu: arrows move, Escape closes, focus goes back.
import { el, fill } from "./dom.js";
import { close as shut, isOpen, openBy } from "./placed.js";

/** `items()` gives {face, run, testid?, current?} each; `face` is a text or nodes; `note` stands under the items. */
export function menu({ label, face, items, note, testid, id, className = "button", align = "start", wide = false }) {
  const list = el("div", { class: `menu-list${wide ? " wide" : ""}`, role: "menu", "aria-label": label, popover: "manual", onkeydown: (event) => key(event), onmousedown: (event) => event.preventDefault() });
  const opener = el("button", {
    type: "button", id, class: className, testid, "aria-haspopup": "menu", "aria-expanded": "false", "aria-label": label,
    title: typeof face === "string" ? label : undefined, onclick: () => (isOpen(list) ? close() : open()),
  }, face);
  const holder = el("div", { class: "menu-holder", onfocusout: (event) => { if (!holder.contains(event.relatedTarget)) close(false); } }, opener, list);
  const choices = () => [...list.querySelectorAll("[role^=menuitem]")];
  const open = () => {
    fill(list, items().map(item), note && el("p", { class: "note" }, note));
    openBy(list, opener, { align });
    opener.setAttribute("aria-expanded", "true");
    choices()[0]?.focus();
  };
  const close = (back = true) => {
    if (!isOpen(list)) return;
    opener.setAttribute("aria-expanded", "false");
    if (back) opener.focus();
    shut(list);
  };
  const item = (each) => el("button", {
    type: "button", tabindex: "-1", role: each.current === undefined ? "menuitem" : "menuitemradio", "aria-checked": each.current === undefined ? undefined : String(each.current),
    testid: each.testid, onclick: () => {
      close();
      each.run();
    },
  }, each.face);
  const key = (event) => {
    const all = choices();
    const at = all.indexOf(document.activeElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: -1 }[event.key];
    if (to !== undefined) all.at(to % all.length).focus();
    else if (event.key === "Escape") close();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return holder;
}
