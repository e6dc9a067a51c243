// A place where blocks are shown (a message, a modal, the Home tab): its values, and how its elements act.
import { call } from "./api.js";
import { confirm } from "./confirm.js";
import { Values } from "./values.js";

export class Surface {
  /** `where` is {view_id} or {message: {channel, ts}}; `key` makes the ids of its elements unique on the page. */
  constructor(world, where, key) {
    this.world = world;
    this.where = where;
    this.key = key;
    this.values = new Values();
    this.errors = {};
    this.onEntered = () => {};
  }

  take(blocks, state) { this.values.take(blocks, state, this.world.channel); }

  id(block, element) { return `${this.key}-${block.block_id}-${element.action_id}`; }

  /** Enter a value; the app hears of it where the block dispatches actions. */
  async enter(block, element, value) {
    const held = this.values.set(block, element, value);
    this.onEntered(block.block_id);
    if (block.type !== "input" || (block.dispatch_action && !isText(element))) await this.act(block, element, held);
  }

  /** Tell the app, after asking the person where the element wants that. */
  async act(block, element, action) { if (await this.agrees(element)) await this.tell(block, element, action); }

  /** Whether the person means it, where the element wants them to be asked. */
  async agrees(element) { return !element.confirm || confirm(element.confirm, this.world); }

  async tell(block, element, action) {
    await call("action", {
      user: this.world.me, ...this.where, block_id: block.block_id, action_id: element.action_id, action, state: this.values.state(),
    });
  }

  /** What an external select offers for some typed characters: groups of options. */
  async options(block, element, value) {
    const answer = await call("options", {
      user: this.world.me, ...this.where, block_id: block.block_id, action_id: element.action_id, value, state: this.values.state(),
    });
    return answer.option_groups ?? [{ options: answer.options ?? [] }];
  }
}

/** Text is told when the person says so (Enter), not at every character. */
const isText = (element) => element.type.endsWith("_input");
