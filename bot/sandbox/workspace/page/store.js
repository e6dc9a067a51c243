// What the page knows of the workspace for one person, and where that person is.

const isRoot = (each) => !each.thread_ts || each.thread_ts === each.ts || each.broadcast;

const byTime = (one, other) => Number(one.ts) - Number(other.ts);

export class World {
  /** `state` is the server's; `channel` is where to begin if this person sees it. */
  constructor(state, channel) {
    this.begin(state);
    this.thread = null;
    this.atHome = false;
    this.online = true;
    this.channel = this.channelOf(channel) ? channel : state.channels.find((each) => each.kind !== "im")?.id;
    this.#enter();
  }

  get me() { return this.state.me; }
  get bot() { return this.state.bot; }
  get tz() { return this.person(this.me).tz || undefined; }
  /** The conversation with the app itself, if there was one yet. */
  get appChannel() { return this.state.channels.find((channel) => channel.with === this.bot.user_id); }
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
    return this.messages(channel).filter((each) => isRoot(each));
  }

  /** A thread's root and replies. */
  replies(channel, ts) {
    return this.messages(channel).filter((each) => each.ts === ts || each.thread_ts === ts);
  }

  /** Be in a conversation. What was new in it then stays marked until it is left. */
  go(channel) {
    Object.assign(this, { channel, thread: null, atHome: false });
    this.#enter();
  }

  #enter() { this.newFrom = this.unread(this.channel).first; }

  /** What is new: whether anything is, the first of it in the conversation itself, and how much of it is for this person. */
  unread(channel) {
    const seen = Number(this.state.read[channel] ?? 0);
    const fresh = this.messages(channel).filter((each) => Number(each.ts) > seen && each.user !== this.me);
    const isDirect = this.channelOf(channel)?.kind === "im";
    const inChannel = fresh.filter((each) => isRoot(each));
    const forMe = isDirect ? inChannel : fresh.filter((each) => this.#isFor(each));
    return { any: inChannel.length + forMe.length > 0, first: inChannel[0]?.ts, forMe: forMe.length };
  }

  #isFor(message) {
    const calls = [`<@${this.me}>`, ...this.groupsOf(this.me).map((group) => `<!subteam^${group.id}`), "<!here>", "<!channel>"];
    const said = JSON.stringify([message.text, message.blocks]);
    return calls.some((each) => said.includes(each));
  }

  /** Everything in this conversation has been seen. Returns the ts of the newest message if that is news. */
  markRead(channel) {
    const newest = this.messages(channel).at(-1)?.ts;
    if (!newest || Number(newest) <= Number(this.state.read[channel] ?? 0)) return null;
    this.state.read[channel] = newest;
    return newest;
  }

  /** Take a new or changed message. */
  put(message) {
    const list = (this.state.messages[message.channel] ??= []);
    const index = list.findIndex((each) => each.ts === message.ts);
    if (index < 0) list.splice(list.findLastIndex((each) => byTime(each, message) < 0) + 1, 0, message);
    else list[index] = message;
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
    if (frame.type === "message") this.put(frame.message);
    else if (frame.type === "message_deleted") this.drop(frame.channel, frame.ts);
    else if (frame.type === "home") this.state.home = frame.home;
    else if (frame.type === "read") this.state.read[frame.channel] = frame.ts;
    else if (frame.type === "bot") this.bot.connected = frame.connected;
    else if (frame.type === "channel") this.putChannel(frame.channel);
  }
}
