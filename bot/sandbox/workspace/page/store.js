// What the page knows of the workspace for one person, and where that person is.

const byTime = (one, other) => Number(one.ts) - Number(other.ts);

export class World {
  /** `state` is the server's; `channel` is where to begin if this person sees it. */
  constructor(state, channel) {
    this.begin(state);
    this.thread = null;
    this.atHome = false;
    this.online = true;
    this.unread = new Set();
    this.channel = this.channelOf(channel) ? channel : state.channels.find((each) => each.kind !== "im")?.id;
  }

  get me() { return this.state.me; }
  get bot() { return this.state.bot; }
  get tz() { return this.person(this.me).tz || undefined; }
  get channels() { return this.state.channels; }
  get humans() { return this.state.people.filter((person) => !person.is_bot); }

  person(id) { return this.state.people.find((person) => person.id === id) ?? { id, name: id, real_name: id }; }
  personName(id) { return this.person(id).real_name || this.person(id).name; }
  group(id) { return this.state.groups.find((group) => group.id === id); }
  groupsOf(user) { return this.state.groups.filter((group) => group.users.includes(user)); }
  shortcuts(type) { return this.state.shortcuts.filter((shortcut) => shortcut.type === type); }
  channelOf(id) { return this.state.channels.find((channel) => channel.id === id); }

  channelName(id) {
    const channel = this.channelOf(id);
    if (channel?.kind === "im") return this.personName(channel.with);
    return channel?.name ?? id;
  }

  /** Begin again with everything that the server knows. */
  begin(state) {
    this.state = state;
    for (const list of Object.values(state.messages)) list.sort(byTime);
  }

  /** Oldest first. */
  messages(channel) { return this.state.messages[channel] ?? []; }

  /** What stands in the channel itself. */
  roots(channel) {
    return this.messages(channel).filter((each) => !each.thread_ts || each.thread_ts === each.ts || each.broadcast);
  }

  /** A thread's root and replies. */
  replies(channel, ts) {
    return this.messages(channel).filter((each) => each.ts === ts || each.thread_ts === ts);
  }

  /** Take a new or changed message. Returns whether it is new. */
  put(message) {
    const list = (this.state.messages[message.channel] ??= []);
    const index = list.findIndex((each) => each.ts === message.ts);
    if (index < 0) list.splice(list.findLastIndex((each) => byTime(each, message) < 0) + 1, 0, message);
    else list[index] = message;
    return index < 0;
  }

  drop(channel, ts) {
    this.state.messages[channel] = (this.state.messages[channel] ?? []).filter((each) => each.ts !== ts);
  }

  putChannel(channel) {
    const index = this.state.channels.findIndex((each) => each.id === channel.id);
    if (index < 0) this.state.channels.push(channel);
    else this.state.channels[index] = channel;
  }

  /** Take one pushed frame, except `views`. */
  take(frame) {
    if (frame.type === "message") this.#heard(frame.message, this.put(frame.message));
    else if (frame.type === "message_deleted") this.drop(frame.channel, frame.ts);
    else if (frame.type === "home") this.state.home = frame.home;
    else if (frame.type === "bot") this.bot.connected = frame.connected;
    else if (frame.type === "channel") this.putChannel(frame.channel);
  }

  #heard(message, fresh) {
    const elsewhere = this.atHome || message.channel !== this.channel;
    if (fresh && elsewhere && message.user !== this.me) this.unread.add(message.channel);
  }
}
