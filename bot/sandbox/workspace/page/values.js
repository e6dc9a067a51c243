// What the elements of a view or message hold: first the initial values, then what a person entered.

/** Element type → the key that it holds, the key of its first value, what it holds when empty. */
const HOLDS = {
  plain_text_input: ["value", "initial_value", null],
  email_text_input: ["value", "initial_value", null],
  url_text_input: ["value", "initial_value", null],
  number_input: ["value", "initial_value", null],
  static_select: ["selected_option", "initial_option", null],
  external_select: ["selected_option", "initial_option", null],
  radio_buttons: ["selected_option", "initial_option", null],
  checkboxes: ["selected_options", "initial_options", []],
  multi_static_select: ["selected_options", "initial_options", []],
  multi_external_select: ["selected_options", "initial_options", []],
  multi_users_select: ["selected_users", "initial_users", []],
  users_select: ["selected_user", "initial_user", null],
  conversations_select: ["selected_conversation", "initial_conversation", null],
  channels_select: ["selected_channel", "initial_channel", null],
  datepicker: ["selected_date", "initial_date", null],
  timepicker: ["selected_time", "initial_time", null],
  datetimepicker: ["selected_date_time", "initial_date_time", null],
};

const isEmpty = (value) => value === null || value === undefined || value === "" || value.length === 0;

/** All elements with an action id: pairs of block and element. */
function elements(blocks) {
  return (blocks ?? []).flatMap((block) =>
    [block.element, block.accessory, ...(block.type === "actions" ? block.elements : [])]
      .filter((element) => element?.action_id)
      .map((element) => [block, element]));
}

/** All options that an element lists, in groups or not. */
const optionsOf = (element) => [...(element.options ?? []), ...(element.option_groups ?? []).flatMap((group) => group.options)];

export class Values {
  #held = new Map();
  #made = new Map();

  /** Take a new version of the blocks. An entry stays where block id, action id and type stay; `state` is the server's. */
  take(blocks, state, channel) {
    const present = new Set();
    for (const [block, element] of elements(blocks)) {
      if (!(element.type in HOLDS)) continue;
      const key = keyOf(block, element);
      present.add(key);
      const made = JSON.stringify(element);
      if (!this.#keeps(key, element, made)) this.#held.set(key, first(block, element, state, channel));
      this.#made.set(key, made);
    }
    for (const key of [...this.#held.keys()]) if (!present.has(key)) this.#held.delete(key);
  }

  #keeps(key, element, made) {
    const held = this.#held.get(key);
    if (held?.type !== element.type) return false;
    if (this.#made.get(key) === made) return true;
    const value = held[HOLDS[element.type][0]];
    return !isEmpty(value) && offered(element, value);
  }

  get(block, element) { return this.#held.get(keyOf(block, element))?.[HOLDS[element.type][0]] ?? HOLDS[element.type][2]; }

  /** Enter a value. Returns the action that says so. */
  set(block, element, value) {
    const [name, , nothing] = HOLDS[element.type];
    const held = { type: element.type, [name]: isEmpty(value) ? nothing : value };
    this.#held.set(keyOf(block, element), held);
    return held;
  }

  /** Slack's shape: state.values[block_id][action_id]. */
  state() {
    const values = {};
    for (const [key, held] of this.#held) {
      const [block, action] = JSON.parse(key);
      (values[block] ??= {})[action] = held;
    }
    return { values };
  }
}

const keyOf = (block, element) => JSON.stringify([block.block_id, element.action_id]);

function offered(element, value) {
  const lists = ["static_select", "radio_buttons", "checkboxes", "multi_static_select"];
  if (!lists.includes(element.type)) return true;
  const known = new Set(optionsOf(element).map((option) => option.value));
  return [value].flat().every((option) => known.has(option.value));
}

function first(block, element, state, channel) {
  const [name, initial, nothing] = HOLDS[element.type];
  const known = state?.values?.[block.block_id]?.[element.action_id];
  if (known?.type === element.type) return { type: element.type, [name]: known[name] ?? nothing };
  const here = element.default_to_current_conversation ? channel : undefined;
  return { type: element.type, [name]: element[initial] ?? here ?? nothing };
}
