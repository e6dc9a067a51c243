// Lists that open beside an element, above everything else, and never out of the window.

const GAP = 4;
const EDGE = 8;
const LOWEST = 160;
const watched = new Map();

/** Open `list` (it has popover="manual") under `anchor`, or over it where there is more room. `align` is "start" or "end". */
export function openBy(list, anchor, { align = "start", asWide = false } = {}) {
  const place = () => put(list, anchor, align, asWide);
  if (!list.matches(":popover-open")) list.showPopover();
  place();
  if (watched.has(list)) return;
  watched.set(list, place);
  document.addEventListener("scroll", place, { capture: true, passive: true });
  window.addEventListener("resize", place);
}

export function close(list) {
  const place = watched.get(list);
  watched.delete(list);
  document.removeEventListener("scroll", place, { capture: true });
  window.removeEventListener("resize", place);
  if (list.matches(":popover-open")) list.hidePopover();
}

export const isOpen = (list) => list.matches(":popover-open");

function put(list, anchor, align, asWide) {
  if (!anchor.isConnected) return close(list);
  const box = anchor.getBoundingClientRect();
  const below = innerHeight - box.bottom - GAP - EDGE;
  const above = box.top - GAP - EDGE;
  if (asWide) list.style.width = `${box.width}px`;
  list.style.maxHeight = "";
  const isAbove = list.scrollHeight > below && below < Math.max(LOWEST, above);
  list.style.maxHeight = `${Math.max(LOWEST, isAbove ? above : below)}px`;
  const left = align === "end" ? box.right - list.offsetWidth : box.left;
  list.style.left = `${Math.max(EDGE, Math.min(left, innerWidth - list.offsetWidth - EDGE))}px`;
  list.style.top = `${isAbove ? box.top - GAP - list.offsetHeight : box.bottom + GAP}px`;
}
