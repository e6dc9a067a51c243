// The sandbox's own controls, which are no part of Slack: what is true there, and how it is changed.
import { get, post } from "./api.js";
import { follow } from "./socket.js";
import { toast } from "./toast.js";

/** The whole state, or null where the server has no controls. */
export const state = () => get("/_control/state");

/** `changed(state)` is told of every change. */
export const watch = (changed) => follow("/_control/live", { onFrame: changed });

/** Switch or do something; what goes wrong is shown as a notice. `what` is fault, speed, action or tour. */
export async function change(what, body) {
  const answer = await post(`/_control/${what}`, body);
  if (!answer.ok) toast(answer.error ?? "That did not work.");
  return answer.ok;
}
