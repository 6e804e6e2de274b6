/**
 * Who can hear whom in the PBX: channels, joined by bridges (two channels), by conferences (any number) and by the
 * halves of loopback channels, which are no people but lead to them.
 */
import type { AgentName, ChannelFacts } from './channel-facts.ts';

/** One channel and what it is joined to. */
export type Channel = {
  readonly uuid: string;
  /** Nothing but its name is known while this is false. */
  known: boolean;
  /** The Call-ID by which Brusio knows it; null for a leg that is no call of Brusio's. Once a customer, always one. */
  customer: string | null;
  answeredAtMs: number | null;
  isLoopback: boolean;
  otherHalf: string | null;
  agent: AgentName;
  /** The other leg of its bridge, and since when by the PBX's clock. */
  partner: string | null;
  bridgedAtMs: number | null;
  conference: string | null;
  joinedAtMs: number | null;
  /** Whether the conference hears it. */
  speaks: boolean;
  /** The channel of the agent that was told as this customer's; null for none. */
  toldAgent: string | null;
  /** The disposition that was told last, as the variable had it. */
  toldDisposition: string | null;
};

/** Two people: when they came together, by the PBX's clock. */
export type Meeting = { readonly agent: Channel; readonly atMs: number | null };

/** 20,000 channels are 10,000 calls with an agent; one is about 1 kB here. */
export const CHANNELS_MAX = 20_000;

/** A conference of more is walked no further: nobody waits for an agent in a crowd. */
const WALK_MAX = 2_000;

/** The channels of one PBX. */
export class ChannelGraph {
  readonly #channels = new Map<string, Channel>();
  readonly #conferences = new Map<string, Set<string>>();
  /** Channels forgotten at `CHANNELS_MAX`, oldest first. */
  evicted = 0;

  get size(): number {
    return this.#channels.size;
  }

  get(uuid: string): Channel | undefined {
    return this.#channels.get(uuid);
  }

  uuids(): IterableIterator<string> {
    return this.#channels.keys();
  }

  channels(): IterableIterator<Channel> {
    return this.#channels.values();
  }

  /** The channel of this name; a new one knows nothing of itself. */
  named(uuid: string): Channel {
    const found = this.#channels.get(uuid);
    if (found !== undefined) return found;
    if (this.#channels.size >= CHANNELS_MAX) {
      const oldest = this.#channels.keys().next();
      if (!oldest.done) this.remove(oldest.value);
      this.evicted += 1;
    }
    const channel = newChannel(uuid);
    this.#channels.set(uuid, channel);
    return channel;
  }

  /** Takes over what was read; an answer, a Call-ID and a name once known stay so. */
  note(facts: ChannelFacts, customer: string | null): Channel {
    const channel = this.named(facts.uuid);
    channel.customer ??= customer;
    channel.answeredAtMs ??= facts.answeredAtMs;
    channel.isLoopback = facts.isLoopback;
    channel.otherHalf = facts.otherHalf ?? channel.otherHalf;
    // The first description is from before a bridge, which mixes the two legs' names.
    channel.agent = channel.known ? { ...facts.agent, name: channel.agent.name ?? facts.agent.name } : facts.agent;
    channel.known = true;
    return channel;
  }

  /** One bridge at a time: what either was joined to before is over. */
  bridge(a: string, b: string, atMs: number | null): void {
    if (a === b) return;
    const [first, second] = [this.named(a), this.named(b)];
    if (first.partner !== b) this.unbridge(a, first.partner);
    if (second.partner !== a) this.unbridge(b, second.partner);
    if (first.partner === b && second.partner === a) return;
    Object.assign(first, { partner: b, bridgedAtMs: atMs });
    Object.assign(second, { partner: a, bridgedAtMs: atMs });
  }

  /** Ends the bridge of just these two: the end of an old one may be told after the beginning of the next. */
  unbridge(a: string, b: string | null): void {
    if (b === null) return;
    for (const [uuid, other] of [
      [a, b],
      [b, a],
    ] as const) {
      const channel = this.#channels.get(uuid);
      if (channel?.partner === other) Object.assign(channel, { partner: null, bridgedAtMs: null });
    }
  }

  join(conference: string, uuid: string, atMs: number | null, speaks: boolean): void {
    const channel = this.named(uuid);
    if (channel.conference !== conference) this.leave(uuid);
    const members = this.#conferences.get(conference) ?? new Set();
    this.#conferences.set(conference, members.add(uuid));
    if (channel.conference !== conference || (speaks && !channel.speaks)) channel.joinedAtMs = atMs;
    Object.assign(channel, { conference, speaks });
  }

  /** @param conference leaves only this one; null: whichever it is in */
  leave(uuid: string, conference: string | null = null): void {
    const channel = this.#channels.get(uuid);
    if (channel === undefined || channel.conference === null) return;
    if (conference !== null && channel.conference !== conference) return;
    const members = this.#conferences.get(channel.conference);
    members?.delete(uuid);
    if (members?.size === 0) this.#conferences.delete(channel.conference);
    Object.assign(channel, { conference: null, joinedAtMs: null });
  }

  remove(uuid: string): void {
    const channel = this.#channels.get(uuid);
    if (channel === undefined) return;
    this.leave(uuid);
    this.unbridge(uuid, channel.partner);
    this.#channels.delete(uuid);
  }

  /** Forgets who is joined to whom, and keeps what each channel is. */
  separateAll(): void {
    for (const channel of this.#channels.values()) {
      this.leave(channel.uuid);
      this.unbridge(channel.uuid, channel.partner);
    }
  }

  /** The channels that one can be heard by, itself not among them, loopback halves passed through. */
  reachable(uuid: string): readonly Channel[] {
    const seen = new Set([uuid]);
    const queue = [uuid];
    const found: Channel[] = [];
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const channel = this.#channels.get(next);
      if (channel === undefined) continue;
      if (next !== uuid) found.push(channel);
      if (next !== uuid && !channel.isLoopback) continue;
      for (const neighbour of this.#neighbours(channel)) {
        if (seen.size >= WALK_MAX) return found;
        if (seen.has(neighbour)) continue;
        seen.add(neighbour);
        queue.push(neighbour);
      }
    }
    return found;
  }

  /** The agents that a customer talks with: people who have answered, can be heard, and are no customers themselves. */
  agentsOf(customer: Channel): readonly Meeting[] {
    return this.reachable(customer.uuid)
      .filter((other) => other.known && !other.isLoopback && other.customer === null)
      .filter((other) => other.answeredAtMs !== null && (other.conference === null || other.speaks))
      .map((agent) => ({ agent, atMs: meetingMs(customer, agent) }));
  }

  /** What a channel is joined to directly. */
  #neighbours(channel: Channel): readonly string[] {
    const members = channel.conference === null ? [] : (this.#conferences.get(channel.conference) ?? []);
    return [channel.partner, channel.isLoopback ? channel.otherHalf : null, ...members].filter((uuid) => uuid !== null);
  }
}

function newChannel(uuid: string): Channel {
  return {
    uuid,
    known: false,
    customer: null,
    answeredAtMs: null,
    isLoopback: false,
    otherHalf: null,
    agent: { id: uuid, name: null, extension: null },
    partner: null,
    bridgedAtMs: null,
    conference: null,
    joinedAtMs: null,
    speaks: true,
    toldAgent: null,
    toldDisposition: null,
  };
}

/** The latest of all that had to happen; null when the PBX did not stamp the joining itself. */
function meetingMs(customer: Channel, agent: Channel): number | null {
  const joined = [customer, agent].map((channel) =>
    channel.conference === null ? channel.bridgedAtMs : channel.joinedAtMs,
  );
  const stamps = [...joined, agent.answeredAtMs].filter((stamp) => stamp !== null && stamp > 0);
  return joined.some((stamp) => stamp === null) || stamps.length === 0 ? null : Math.max(...(stamps as number[]));
}
