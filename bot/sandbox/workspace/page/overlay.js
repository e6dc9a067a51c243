// What lies over the Slack part of the page: it takes the focus, keeps it, and gives it back.
import { el, focusable } from "./dom.js";

const open = [];

/** Lay a node over the Slack part. `escape` is called for the Escape key. Returns a way to take it off. */
export function lay(node, escape) {
  const opener = document.activeElement;
  const host = el("div", { class: "overlay" }, node);
  const entry = { host, escape };
  document.getElementById("layers").append(host);
  open.push(entry);
  settle();
  return () => {
    const index = open.indexOf(entry);
    if (index < 0) return;
    open.splice(index, 1);
    host.remove();
    settle();
    giveBack(opener);
  };
}

/** Only the uppermost layer can be reached. */
function settle() {
  document.getElementById("app").inert = open.length > 0;
  open.forEach((entry, index) => { entry.host.inert = index < open.length - 1; });
}

function giveBack(opener) {
  const again = opener?.isConnected ? opener : opener?.id ? document.getElementById(opener.id) : null;
  (again ?? document.querySelector("[data-testid=composer]"))?.focus({ preventScroll: true });
}

document.addEventListener("keydown", (event) => {
  const top = open.at(-1);
  if (!top || event.defaultPrevented || event.target.closest?.("#backstage")) return;
  if (event.key === "Escape") {
    event.preventDefault();
    top.escape();
  } else if (event.key === "Tab") stayInside(top.host, event);
});

function stayInside(host, event) {
  const all = focusable(host);
  if (!all.length) return;
  const edge = event.shiftKey ? all[0] : all.at(-1);
  const outside = !host.contains(document.activeElement);
  if (document.activeElement !== edge && !outside) return;
  event.preventDefault();
  (event.shiftKey ? all.at(-1) : all[0]).focus();
}
