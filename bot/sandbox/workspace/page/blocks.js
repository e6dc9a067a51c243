// Blocks of messages, modals and the Home tab as elements.
import { button, overflow } from "./buttons.js";
import { el } from "./dom.js";
import { icon } from "./icons.js";
import { input } from "./inputs.js";
import { plain, textObject } from "./mrkdwn.js";
import { markdown, richText } from "./richtext.js";

const DRAWN = { header, section, context, actions, input: field, image, divider: () => el("hr"), rich_text: rich, markdown: marked };

/** One block on a surface. A block of an unknown type says so rather than vanish. */
export function block(data, surface) {
  const draw = DRAWN[data.type];
  const inside = draw ? draw(data, surface) : unknown(data.type);
  inside.classList.add("block");
  return inside;
}

const unknown = (type) => el("div", { class: "unknown" }, `This page does not show ${type}.`);

function header(data) { return el("h3", { class: "header" }, plain(data.text)); }

function rich(data, surface) { return el("div", { class: "mrkdwn" }, richText(data, surface.world)); }

function marked(data) { return el("div", { class: "mrkdwn" }, markdown(data.text)); }

function section(data, surface) {
  return el("div", { class: "section" },
    el("div", { class: "said" },
      textObject(data.text, surface.world),
      data.fields && el("div", { class: "fields" }, data.fields.map((each) => textObject(each, surface.world)))),
    data.accessory && el("div", { class: "accessory" }, element(data.accessory, data, surface)));
}

function context(data, surface) {
  return el("div", { class: "context" }, data.elements.map((each) => (each.type === "image" ? picture(each) : textObject(each, surface.world))));
}

function actions(data, surface) {
  return el("div", { class: "actions" }, data.elements.map((each) => element(each, data, surface)));
}

function image(data) {
  return el("figure", {}, data.title && el("figcaption", {}, plain(data.title)), picture(data));
}

/** Only pictures of this origin are loaded: the page makes no calls elsewhere. */
function picture(data) {
  const url = new URL(data.image_url ?? "", location.href);
  const isOurs = url.origin === location.origin || url.protocol === "data:";
  return isOurs && data.image_url ? el("img", { src: data.image_url, alt: data.alt_text }) : el("span", { class: "picture", role: "img", "aria-label": data.alt_text }, icon("image"), data.alt_text);
}

function element(data, holder, surface) {
  if (data.type === "button") return button(data, holder, surface);
  if (data.type === "overflow") return overflow(data, holder, surface);
  if (data.type === "image") return picture(data);
  return input(data, holder, surface) ?? unknown(data.type);
}

function field(data, surface) {
  const id = surface.id(data, data.element);
  const words = surface.errors[data.block_id];
  const isGroup = ["radio_buttons", "checkboxes"].includes(data.element.type);
  const described = [words && `${id}-error`, data.hint && `${id}-hint`].filter(Boolean).join(" ");
  const control = input(data.element, data, surface, {
    "aria-invalid": words ? "true" : undefined, "aria-describedby": described || undefined, "aria-required": data.optional || isGroup ? undefined : "true",
  });
  return el("div", { class: `field${words ? " wrong" : ""}`, testid: `field-${data.block_id}` },
    el(isGroup ? "div" : "label", { class: "label", id: `${id}-label`, for: isGroup ? undefined : id },
      plain(data.label), data.optional && el("span", { class: "soft" }, " (optional)")),
    control ?? unknown(data.element.type),
    words && el("div", { class: "error", role: "alert", id: `${id}-error`, testid: `error-${data.block_id}` }, words),
    data.hint && el("div", { class: "hint", id: `${id}-hint` }, plain(data.hint)));
}
