// Builds and updates elements. Data is only ever set as text, never as markup.

/** An element. Attributes: `class`, `testid`, `on…` listeners, booleans, anything else as it is. */
export function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (name === "class") node.className = value;
    else if (name === "testid") node.dataset.testid = value;
    else if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.flat(Infinity).filter(shown));
  return node;
}

const SVG = "http://www.w3.org/2000/svg";

/** An element of a drawing; attributes as they are. */
export function svg(tag, attributes = {}, ...children) {
  const node = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children.flat(Infinity).filter(shown));
  return node;
}

const shown = (child) => child !== null && child !== undefined && child !== false && child !== "";

/** Replace all children. */
export function fill(node, ...children) {
  node.replaceChildren(...children.flat(Infinity).filter(shown));
  return node;
}

/** Make `nodes` the children of `parent` without moving those that stay, so that focus and caret survive. */
export function reconcile(parent, nodes) {
  const wanted = new Set(nodes);
  for (const child of [...parent.childNodes]) if (!wanted.has(child)) child.remove();
  nodes.forEach((node, index) => {
    if (parent.childNodes[index] !== node) parent.insertBefore(node, parent.childNodes[index] ?? null);
  });
}

/** Nodes that stay the same as long as what they show does. `key` names a node, `mark` is what it shows. */
export class Kept {
  #nodes = new Map();
  #asked = new Set();

  get(key, mark, make) {
    this.#asked.add(key);
    const held = this.#nodes.get(key);
    if (held?.mark === mark) return held.node;
    const node = make();
    this.#nodes.set(key, { mark, node });
    return node;
  }

  /** The node of this key was changed by hand and now shows this. */
  adopt(key, mark) {
    const held = this.#nodes.get(key);
    if (held) held.mark = mark;
  }

  /** Forget what was not asked for since the last sweep. */
  sweep() {
    for (const key of this.#nodes.keys()) if (!this.#asked.has(key)) this.#nodes.delete(key);
    this.#asked.clear();
  }
}

/** What Tab reaches inside a node, in order. */
export function focusable(node) {
  const found = node.querySelectorAll("a[href], button, input, select, textarea, [tabindex='0']");
  return [...found].filter((each) => !each.disabled && each.offsetParent !== null);
}

/** Do `change`, then give focus and caret back to the element with the same id if it was drawn anew. */
export function keepingFocus(change) {
  const before = document.activeElement;
  const caret = before && "selectionStart" in before ? [before.selectionStart, before.selectionEnd] : null;
  change();
  const after = before?.id ? document.getElementById(before.id) : null;
  if (!after || after === document.activeElement) return;
  after.focus({ preventScroll: true });
  if (caret && caret[0] !== null && "setSelectionRange" in after) after.setSelectionRange(...caret);
}
