// Buttons and overflow menus.
import { el } from "./dom.js";
import { menu } from "./menu.js";
import { plain } from "./mrkdwn.js";

const SAFE = /^https?:/i;

/** A button. It cannot be pressed again while the app is told. */
export function button(element, block, surface) {
  const press = async () => {
    if (node.getAttribute("aria-busy") === "true" || !(await surface.agrees(element))) return;
    node.setAttribute("aria-busy", "true");
    if (element.url && SAFE.test(element.url)) window.open(element.url, "_blank", "noopener");
    await surface.tell(block, element, { type: "button", value: element.value });
    node.removeAttribute("aria-busy");
  };
  const node = el("button", {
    type: "button", id: surface.id(block, element), class: `button ${element.style ?? ""}`, testid: `action-${element.action_id}`,
    "aria-label": element.accessibility_label, onclick: press,
  }, plain(element.text));
  return node;
}

/** The "…" menu of an overflow element. */
export function overflow(element, block, surface) {
  const choose = (option) => {
    if (option.url && SAFE.test(option.url)) window.open(option.url, "_blank", "noopener");
    return surface.act(block, element, { type: "overflow", selected_option: option });
  };
  return menu({
    label: "More actions", testid: `action-${element.action_id}`, id: surface.id(block, element), className: "button", face: "⋯",
    items: () => element.options.map((option) => ({ testid: "option", face: plain(option.text), run: () => choose(option) })),
  });
}
