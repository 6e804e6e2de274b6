/**
 * Events of one FreeSWITCH to signals: which of Brusio's calls has an agent, which has none any more, and what the PBX
 * found at the other end.
 *
 * A bridge has two legs and its event does not say which is the customer's: in agent-first dialing and in mod_fifo leg
 * A is the agent. So every channel is looked at for a Call-ID that Brusio watches. The other leg is an agent when it
 * has answered (CHANNEL_BRIDGE is fired for early media too), is no customer, and is no loopback half; a loopback is
 * followed to what is behind it. `callcenter::info` only names the agent: `bridge-agent-start` is fired before the
 * announcement to the agent and before the bridge.
 *
 * What the events did not tell (a channel that was there before the connection was, or one forgotten at the limit) is
 * asked of the PBX: `lookUps` are channels to be described by `uuid_dump`.
 */
import type { WallMs } from '../../base/clock.ts';
import type { PbxSignal, WatchedCall } from '../../guard/agent-source.ts';
import { answeredByValue, type DispositionVariable, methodOf } from '../variable-disposition.ts';
import { bridgePartner, type ChannelFacts, channelId, readChannelFacts } from './channel-facts.ts';
import { type Channel, ChannelGraph } from './channel-graph.ts';
import { headerValue, type RawHeaders } from './event-headers.ts';
import { eventStampMs } from './message.ts';

/** What an event leads to. */
export type Mapped = {
  readonly signals: readonly PbxSignal[];
  /** Unique-IDs of channels to be asked about. */
  readonly lookUps: readonly string[];
};

/** What a mapper is made with. */
export type MapperOptions = {
  /** Whether a call is one of Brusio's that waits for, or has, an agent. */
  readonly watches: (call: WatchedCall) => boolean;
  /** The channel variable that holds what the PBX found at the other end; null for none. */
  readonly disposition: DispositionVariable | null;
};

/** A member of a conference, as `conference json_list` gives it. */
export type ConferenceMember = {
  readonly conference: string;
  readonly uuid: string;
  readonly speaks: boolean;
};

/** Channels asked about at the same time; what is beyond is asked when it is met again. */
const LOOK_UPS_MAX = 2_000;

/** State and rules of one PBX. */
export class AgentMapper {
  readonly #graph = new ChannelGraph();
  readonly #options: MapperOptions;
  readonly #asked = new Set<string>();
  #signals: PbxSignal[] = [];
  #lookUps: string[] = [];
  /** Channels known before a resynchronisation and not seen since; null outside of one. */
  #unseen: Set<string> | null = null;

  constructor(options: MapperOptions) {
    this.#options = options;
  }

  /** Channels forgotten because there were too many. */
  get evicted(): number {
    return this.#graph.evicted;
  }

  /** Channels in memory. */
  get channels(): number {
    return this.#graph.size;
  }

  /** Takes one event. What it is not interested in changes nothing. */
  event(headers: RawHeaders): Mapped {
    const facts = readChannelFacts(headers);
    switch (headerValue(headers, 'Event-Name')) {
      case 'CHANNEL_ANSWER':
      case 'CHANNEL_EXECUTE_COMPLETE':
        if (facts !== null) this.#describe(facts);
        break;
      case 'CHANNEL_BRIDGE':
        if (facts !== null) this.#describe(facts);
        this.#joinPair(headers, (a, b) => this.#graph.bridge(a, b, eventStampMs(headers)));
        break;
      case 'CHANNEL_UNBRIDGE':
        this.#joinPair(headers, (a, b) => this.#graph.unbridge(a, b));
        break;
      case 'CHANNEL_HANGUP_COMPLETE':
        this.#noteDisposition(headers, facts);
        if (facts !== null) this.#forget(facts.uuid);
        return this.#mapped();
      case 'CUSTOM':
        this.#custom(headers);
        return this.#mapped();
      default:
        return this.#mapped();
    }
    this.#noteDisposition(headers, facts);
    return this.#mapped();
  }

  /** The answer to a look-up; null when there is no such channel any more. */
  dumped(uuid: string, headers: RawHeaders | null): Mapped {
    this.#asked.delete(uuid);
    const facts = headers === null ? null : readChannelFacts(headers);
    if (headers === null || facts === null || facts.uuid !== uuid) {
      this.#forget(uuid);
      return this.#mapped();
    }
    const partner = bridgePartner(headers);
    this.#changing(partner === null ? [uuid] : [uuid, partner], () => {
      const channel = this.#note(facts);
      // A bridge that was told by its event is older than its variable, or as old.
      if (partner === null || channel.partner !== null) return;
      this.#graph.bridge(uuid, partner, eventStampMs(headers, 'Caller-Channel-Bridged-Time'));
    });
    this.#noteDisposition(headers, facts);
    return this.#mapped();
  }

  /** The connection is new: who is joined to whom is told anew, by `dumped` and `conferenceMembers`. */
  beginResync(): void {
    this.#asked.clear();
    this.#unseen = new Set(this.#graph.uuids());
    this.#graph.separateAll();
  }

  /** Whether anything but its name is known of a channel. */
  knows(uuid: string): boolean {
    return this.#graph.get(uuid)?.known === true;
  }

  conferenceMembers(members: readonly ConferenceMember[]): Mapped {
    for (const { conference, uuid, speaks } of members) {
      this.#changing([uuid], () => this.#graph.join(conference, uuid, null, speaks));
    }
    return this.#mapped();
  }

  /** All was told: what was not seen again is gone, and whoever has nobody any more has lost the agent. */
  endResync(): Mapped {
    for (const uuid of this.#unseen ?? []) this.#graph.remove(uuid);
    this.#unseen = null;
    for (const channel of this.#graph.channels()) this.#evaluate(channel);
    return this.#mapped();
  }

  #custom(headers: RawHeaders): void {
    switch (headerValue(headers, 'Event-Subclass')) {
      case 'callcenter::info':
        this.#nameQueueAgent(headers);
        break;
      case 'conference::maintenance':
        this.#conference(headers);
        break;
      // It says which channel, and no more; the variable is set by then.
      case 'avmd::beep': {
        const uuid = channelId(headers);
        if (uuid !== null) this.#ask(uuid);
        break;
      }
      default:
    }
  }

  /** mod_callcenter's name of an agent who was on the line before (`uuid-standby`) is in this event alone. */
  #nameQueueAgent(headers: RawHeaders): void {
    if (headerValue(headers, 'CC-Action') !== 'bridge-agent-start') return;
    const facts = readChannelFacts(headers);
    const id = headerValue(headers, 'CC-Agent');
    if (facts === null || id === null) return;
    this.#describe({ ...facts, agent: { ...facts.agent, id } });
  }

  #conference(headers: RawHeaders): void {
    const uuid = channelId(headers);
    const conference = headerValue(headers, 'Conference-Unique-ID') ?? headerValue(headers, 'Conference-Name');
    // A recording and a ghost are members too, and nobody.
    if (uuid === null || conference === null) return;
    const speaks = headerValue(headers, 'Speak') !== 'false' && headerValue(headers, 'Hold') !== 'true';
    switch (headerValue(headers, 'Action')) {
      case 'add-member':
      case 'mute-member':
      case 'unmute-member':
      case 'hold-member':
      case 'unhold-member':
        this.#changing([uuid], () => this.#graph.join(conference, uuid, eventStampMs(headers), speaks));
        break;
      case 'del-member':
        this.#changing([uuid], () => this.#graph.leave(uuid, conference));
        break;
      default:
    }
  }

  #joinPair(headers: RawHeaders, change: (a: string, b: string) => void): void {
    const a = channelId(headers, 'Bridge-A-Unique-ID');
    const b = channelId(headers, 'Bridge-B-Unique-ID');
    if (a !== null && b !== null) this.#changing([a, b], () => change(a, b));
  }

  #describe(facts: ChannelFacts): void {
    this.#changing([facts.uuid], () => this.#note(facts));
  }

  #note(facts: ChannelFacts): Channel {
    this.#unseen?.delete(facts.uuid);
    const isCustomer = this.#options.watches({ by: 'call-id', value: facts.callId });
    return this.#graph.note(facts, isCustomer ? facts.callId : null);
  }

  #forget(uuid: string): void {
    this.#asked.delete(uuid);
    this.#unseen?.delete(uuid);
    // The customer's own leg has ended: that is told by SIP, and is no agent who left.
    this.#changing([uuid], () => this.#graph.remove(uuid));
  }

  /** Makes a change and tells what it means for every customer near it. */
  #changing(uuids: readonly string[], change: () => void): void {
    const near = this.#near(uuids);
    change();
    for (const channel of this.#near(uuids)) near.add(channel);
    for (const channel of near) {
      if (this.#graph.get(channel.uuid) !== channel) continue;
      if (isJoined(channel)) this.#complete(channel);
      // What is missing now may only not have been told yet.
      if (this.#unseen === null || this.#graph.agentsOf(channel).length > 0) this.#evaluate(channel);
    }
  }

  #near(uuids: readonly string[]): Set<Channel> {
    const near = new Set<Channel>();
    for (const uuid of uuids) {
      const channel = this.#graph.get(uuid);
      if (channel === undefined) continue;
      near.add(channel);
      for (const other of this.#graph.reachable(uuid)) near.add(other);
    }
    return near;
  }

  /** Asks for what is missing of one that is joined to another. */
  #complete(channel: Channel): void {
    if (!channel.known) this.#ask(channel.uuid);
    if (channel.isLoopback && channel.otherHalf !== null && !this.knows(channel.otherHalf))
      this.#ask(channel.otherHalf);
  }

  #ask(uuid: string): void {
    if (this.#asked.has(uuid) || this.#asked.size >= LOOK_UPS_MAX) return;
    this.#asked.add(uuid);
    this.#lookUps.push(uuid);
  }

  #evaluate(channel: Channel): void {
    if (channel.customer === null) return;
    const call: WatchedCall = { by: 'call-id', value: channel.customer };
    const meetings = this.#graph.agentsOf(channel);
    // Who was told stays the agent: one who mutes himself has not left.
    if (this.#graph.reachable(channel.uuid).some(({ uuid }) => uuid === channel.toldAgent)) return;
    const meeting = meetings[0];
    if (meeting === undefined) {
      // Of a call that is over nobody need know who left it last.
      if (channel.toldAgent !== null && this.#options.watches(call)) this.#signals.push({ type: 'agent-left', call });
      channel.toldAgent = null;
      return;
    }
    channel.toldAgent = meeting.agent.uuid;
    this.#signals.push({
      type: 'agent-bridged',
      call,
      agent: meeting.agent.agent,
      bridgedAt: meeting.atMs as WallMs | null,
    });
  }

  #noteDisposition(headers: RawHeaders, facts: ChannelFacts | null): void {
    const { disposition } = this.#options;
    if (disposition === null || facts === null) return;
    const word = headerValue(headers, `variable_${disposition.variable}`);
    const answeredBy = word === null ? null : answeredByValue(disposition, word);
    const channel = this.#graph.get(facts.uuid);
    if (word === null || answeredBy === null || channel?.toldDisposition === word) return;
    const value = channel === undefined ? facts.callId : channel.customer;
    if (value === null) return;
    if (channel !== undefined) channel.toldDisposition = word;
    this.#signals.push({
      type: 'disposition',
      call: { by: 'call-id', value },
      answeredBy,
      method: methodOf(disposition, word),
    });
  }

  #mapped(): Mapped {
    const mapped = { signals: this.#signals, lookUps: this.#lookUps };
    this.#signals = [];
    this.#lookUps = [];
    return mapped;
  }
}

function isJoined(channel: Channel): boolean {
  return channel.partner !== null || channel.conference !== null;
}
