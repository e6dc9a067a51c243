// What the page knows of the workspace, for one person.
export class World {
  constructor(state) { this.take(state); this.thread = null; this.home = false; }
  take(state) { this.state = state; this.channel ??= state.channels.find((channel) => channel.kind === "channel")?.id; }
  me = () => this.state.me;
  channels = () => this.state.channels;
  currentChannel = () => this.channel;
  commands = () => this.state.commands;
  shortcuts = (type) => this.state.shortcuts.filter((shortcut) => shortcut.type === type);
  person = (id) => this.state.people.find((person) => person.id === id) ?? { id, name: id };
  personName = (id) => this.person(id).real_name ?? this.person(id).name;
  groupHandle = (id) => this.state.groups.find((group) => group.id === id)?.handle ?? id;
  channelName = (id) => {
    const channel = this.state.channels.find((each) => each.id === id);
    return channel?.kind === "im" ? this.personName(channel.with) : channel?.name ?? id;
  };
  messages = (channel) => [...(this.state.messages[channel] ?? [])].sort((a, b) => Number(a.ts) - Number(b.ts));
  roots = (channel) => this.messages(channel).filter((message) => !message.thread_ts || message.thread_ts === message.ts || message.broadcast || (message.ephemeral_to && !this.thread));
  replies = (channel, ts) => this.messages(channel).filter((message) => message.ts === ts || message.thread_ts === ts);
  put(message) {
    const list = (this.state.messages[message.channel] ??= []);
    const index = list.findIndex((each) => each.ts === message.ts);
    if (index >= 0) list[index] = message; else list.push(message);
    return index < 0;
  }
  drop(channel, ts) { this.state.messages[channel] = (this.state.messages[channel] ?? []).filter((message) => message.ts !== ts); }
}
