/**
 * Who hears whom in one Asterisk: its channels, the mixing bridge each is in, and the pairs of Local channels that carry
 * audio from one bridge to another. Fed by what ARI or AMI tells, asked by {@link BridgeTopology.connected}.
 */
import type { WatchedCall } from '../../guard/agent-source.ts';
import { type ChannelName, readChannelName } from './channel-name.ts';

/** A member of a queue, as the queue names it. */
export type QueueMember = { readonly interface: string; readonly name: string };

/** One channel. */
export type Channel = {
  readonly id: string;
  name: string;
  parts: ChannelName;
  /** Answered; null while nothing was said of it. */
  isUp: boolean | null;
  callerName: string;
  callerNumber: string;
  /** How Brusio may know its call, or null. */
  call: WatchedCall | null;
  /** It was seen to be a call that Brusio guards, and stays that. */
  isCustomer: boolean;
  /** The agent's channel that this customer's call was told to be with, or null. */
  toldAgentId: string | null;
  /** What was last told of who answered it, in the PBX's own word. */
  toldDisposition: string | null;
  /** It may hear a conference and not speak in it. */
  listensOnly: boolean;
  /** The member of a queue that it was placed for. */
  member: QueueMember | null;
  bridgeId: string | null;
};

/** What is known of a channel from one event; what is left out stays. */
export type ChannelNews = {
  readonly name?: string | undefined;
  readonly isUp?: boolean | undefined;
  readonly callerName?: string | undefined;
  readonly callerNumber?: string | undefined;
};

/** Channels that are remembered; beyond, the one that was seen first is forgotten. */
export const CHANNELS_MAX = 20_000;
/** Bridges that are remembered; beyond, the first is forgotten. */
export const BRIDGES_MAX = 20_000;
/** Channels that are followed from one: a larger conference is not looked through to its end. */
export const CONNECTED_MAX = 256;

type Bridge = { readonly id: string; isMixing: boolean; readonly members: Set<string> };

/** The picture. Every change returns the channels whose company it may have changed. */
export type BridgeTopology = {
  channel(id: string): Channel | null;
  /** The channel of this name, or null. */
  named(name: string): Channel | null;
  /** Takes what an event says of a channel; one that was not known is known from now on. */
  see(id: string, news: ChannelNews): Channel;
  gone(id: string): readonly string[];
  enter(bridgeId: string, isMixing: boolean, channelId: string): readonly string[];
  leave(bridgeId: string, channelId: string): readonly string[];
  /** The bridge holds these channels and no others. */
  hold(bridgeId: string, isMixing: boolean, channelIds: readonly string[]): readonly string[];
  destroy(bridgeId: string): readonly string[];
  merge(fromBridgeId: string, toBridgeId: string): readonly string[];
  /** The channel itself and everyone who hears it, over mixing bridges and Local channels; in the order found. */
  connected(id: string): readonly Channel[];
  /** These channels and bridges exist and no others: what was remembered beyond them ended unseen. */
  retain(channelIds: ReadonlySet<string>, bridgeIds: ReadonlySet<string>): readonly string[];
  channelsKnown(): number;
};

/** An empty picture. */
export function createBridgeTopology(): BridgeTopology {
  const channels = new Map<string, Channel>();
  const byName = new Map<string, string>();
  const bridges = new Map<string, Bridge>();

  const topology: BridgeTopology = {
    channel: (id) => channels.get(id) ?? null,
    named: (name) => channels.get(byName.get(name) ?? '') ?? null,
    see(id, news) {
      const channel = channels.get(id) ?? add(id);
      if (news.name !== undefined && news.name !== channel.name) rename(channel, news.name);
      channel.isUp = news.isUp ?? channel.isUp;
      channel.callerName = news.callerName ?? channel.callerName;
      channel.callerNumber = news.callerNumber ?? channel.callerNumber;
      return channel;
    },
    gone(id) {
      const channel = channels.get(id);
      if (channel === undefined) return [];
      const others = company(channel);
      forget(channel);
      return others;
    },
    enter(bridgeId, isMixing, channelId) {
      const channel = topology.see(channelId, {});
      const before = channel.bridgeId === bridgeId ? [] : company(channel);
      join(bridgeOf(bridgeId, isMixing), channel);
      return [...before, channelId];
    },
    leave(bridgeId, channelId) {
      const channel = channels.get(channelId);
      if (channel === undefined || channel.bridgeId !== bridgeId) return [];
      const others = company(channel);
      part(channel);
      return [channelId, ...others];
    },
    hold(bridgeId, isMixing, channelIds) {
      const bridge = bridgeOf(bridgeId, isMixing);
      const held = new Set(channelIds);
      const left = [...bridge.members].filter((id) => !held.has(id));
      const changed = left.flatMap((id) => topology.leave(bridgeId, id));
      for (const id of held) if (!bridge.members.has(id)) changed.push(...topology.enter(bridgeId, isMixing, id));
      // A member whose state or name changed is worth a look even where nobody came or went.
      const [anyone] = held;
      return anyone === undefined ? changed : [...changed, anyone];
    },
    destroy(bridgeId) {
      const bridge = bridges.get(bridgeId);
      if (bridge === undefined) return [];
      const changed = [...bridge.members].flatMap((id) => topology.leave(bridgeId, id));
      bridges.delete(bridgeId);
      return changed;
    },
    merge(fromBridgeId, toBridgeId) {
      const from = bridges.get(fromBridgeId);
      if (from === undefined || fromBridgeId === toBridgeId) return [];
      const isMixing = bridges.get(toBridgeId)?.isMixing ?? from.isMixing;
      return [...from.members].flatMap((id) => topology.enter(toBridgeId, isMixing, id));
    },
    connected(id) {
      const found = new Set<string>([id]);
      // A set is walked in the order of its growth: what is found on the way is followed in its turn.
      for (const next of found) {
        if (found.size >= CONNECTED_MAX) break;
        const channel = channels.get(next);
        if (channel !== undefined) for (const other of company(channel)) found.add(other);
      }
      return [...found].flatMap((found) => channels.get(found) ?? []);
    },
    retain(channelIds, bridgeIds) {
      const ended = [...bridges.keys()].filter((id) => !bridgeIds.has(id)).flatMap((id) => topology.destroy(id));
      const gone = [...channels.keys()].filter((id) => !channelIds.has(id)).flatMap((id) => topology.gone(id));
      return [...ended, ...gone];
    },
    channelsKnown: () => channels.size,
  };
  return topology;

  /** Those whom a channel reaches in one step. */
  function company(channel: Channel): readonly string[] {
    const bridge = channel.bridgeId === null ? undefined : bridges.get(channel.bridgeId);
    const others = bridge?.isMixing === true ? [...bridge.members].filter((id) => id !== channel.id) : [];
    const half = channel.parts.otherHalf === null ? undefined : byName.get(channel.parts.otherHalf);
    return half === undefined ? others : [...others, half];
  }

  function add(id: string): Channel {
    if (channels.size >= CHANNELS_MAX) forgetFirst(channels, forget);
    const channel: Channel = {
      id,
      name: '',
      parts: readChannelName(''),
      isUp: null,
      callerName: '',
      callerNumber: '',
      call: null,
      isCustomer: false,
      toldAgentId: null,
      toldDisposition: null,
      listensOnly: false,
      member: null,
      bridgeId: null,
    };
    channels.set(id, channel);
    return channel;
  }

  function rename(channel: Channel, name: string): void {
    if (byName.get(channel.name) === channel.id) byName.delete(channel.name);
    channel.name = name;
    channel.parts = readChannelName(name);
    byName.set(name, channel.id);
  }

  function forget(channel: Channel): void {
    part(channel);
    channels.delete(channel.id);
    if (byName.get(channel.name) === channel.id) byName.delete(channel.name);
  }

  function bridgeOf(id: string, isMixing: boolean): Bridge {
    const known = bridges.get(id);
    if (known !== undefined) {
      known.isMixing = isMixing;
      return known;
    }
    if (bridges.size >= BRIDGES_MAX) forgetFirst(bridges, ({ id: first }) => void topology.destroy(first));
    const bridge: Bridge = { id, isMixing, members: new Set() };
    bridges.set(id, bridge);
    return bridge;
  }

  function join(bridge: Bridge, channel: Channel): void {
    // A channel is in one bridge at a time: entering another is leaving the first.
    if (channel.bridgeId !== bridge.id) part(channel);
    channel.bridgeId = bridge.id;
    bridge.members.add(channel.id);
  }

  function part(channel: Channel): void {
    if (channel.bridgeId !== null) bridges.get(channel.bridgeId)?.members.delete(channel.id);
    channel.bridgeId = null;
  }

  function forgetFirst<T>(all: ReadonlyMap<string, T>, drop: (first: T) => void): void {
    const first = all.values().next();
    if (first.done === true) return;
    drop(first.value);
  }
}
