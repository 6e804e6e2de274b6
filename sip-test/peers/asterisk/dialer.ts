/** A dialer on Asterisk: places calls and brings agents to them in the ways that dialers do, over AMI and ARI. */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { type AmiMessage, amiAction, createAmiParser } from '../../../src/agents/asterisk/ami-message.ts';

/** The user of both that the trial adds. */
export const TRIAL_USER = { name: 'trial', password: 'trial-password' } as const;

/** One call of the trial. */
export type TrialCall = {
  /** X-Brusio-Reference, ChannelId, the caller's name and the end of the room's. */
  readonly id: string;
  readonly number: string;
  readonly agent: string;
  /** From the answer until the agent is brought. */
  readonly delayMs: number;
};

/** The ways, by name. */
export const WAYS = [
  'dial',
  'queue',
  'conference',
  'bridgewait',
  'bridge-action',
  'local',
  'local-kept',
  'ari',
  'machine',
] as const;
export type Way = (typeof WAYS)[number];

/** Asterisk's answer takes some ms; each step of a way happens this long after the answer at the latest. */
const ANSWERED_WITHIN_MS = 10_000;

/** A dialer that is logged in. */
export class Dialer {
  readonly #address: string;
  readonly #ami: Socket;
  readonly #waiting = new Map<string, (message: AmiMessage) => void>();
  readonly #stasis = new Map<string, () => void>();
  readonly #events: WebSocket;

  private constructor(address: string, ami: Socket, events: WebSocket) {
    this.#address = address;
    this.#ami = ami;
    this.#events = events;
    const parser = createAmiParser();
    ami.on('data', (octets) => {
      for (const input of parser.push(octets)) if (input.type === 'message') this.#take(input.message);
    });
    events.addEventListener('message', ({ data }) => {
      const event = JSON.parse(String(data));
      if (event.type === 'StasisStart') this.#stasis.get(event.channel.id)?.();
    });
  }

  static async start(address: string, amiPort: number, httpPort: number): Promise<Dialer> {
    const ami = connect(amiPort, address);
    await once(ami, 'connect');
    const query = new URLSearchParams({ app: 'trial', api_key: `${TRIAL_USER.name}:${TRIAL_USER.password}` });
    const events = new WebSocket(`ws://${address}:${httpPort}/ari/events?${query}`);
    await once(events, 'open');
    const dialer = new Dialer(`${address}:${httpPort}`, ami, events);
    const challenge = await dialer.#act('Challenge', { AuthType: 'MD5' });
    const key = createHash('md5')
      .update(`${challenge.get('Challenge')}${TRIAL_USER.password}`)
      .digest('hex');
    await dialer.#act('Login', { AuthType: 'MD5', Username: TRIAL_USER.name, Key: key, Events: 'call' });
    return dialer;
  }

  /** Places the call; resolves when the agent has been brought, or the call ended before. */
  async place(way: Way, call: TrialCall): Promise<void> {
    const wait = (call.delayMs / 1_000).toFixed(3);
    const direct = `PJSIP/${call.number}@brusio`;
    switch (way) {
      case 'dial':
      case 'queue':
      case 'machine':
        await this.#originate(call, direct, way, { D: wait });
        return;
      case 'conference':
        await this.#act('Originate', {
          ...{ Channel: `PJSIP/${call.agent}`, Context: 'agents', Exten: 'conference', Priority: '1', Async: 'true' },
          Variable: `ROOM=room-${call.id}`,
        });
        await this.#originate(call, direct, 'conference', { D: wait, ROOM: `room-${call.id}` });
        return;
      case 'local':
        await this.#originate(call, `Local/${call.number}@to-carrier`, 'dial', { D: wait });
        return;
      case 'local-kept':
        await this.#originate(call, `Local/${call.number}@to-carrier/n`, 'dial', { D: wait });
        return;
      case 'bridgewait':
        await this.#originate(call, direct, 'park', { D: '0' });
        await sleep(call.delayMs);
        await this.#act('Redirect', { Channel: call.id, Context: 'answered', Exten: 'dial', Priority: '1' });
        return;
      case 'bridge-action': {
        const person = await this.#originate(call, direct, 'wait', {});
        await sleep(call.delayMs);
        const agent = await this.#act('Originate', {
          ...{
            Channel: `PJSIP/${call.agent}`,
            Context: 'agents',
            Exten: 'wait',
            Priority: '1',
            Async: 'true',
          },
        });
        await this.#act('Bridge', { Channel1: person, Channel2: agent.get('Channel') ?? '' });
        return;
      }
      case 'ari':
        return this.#bridgeByAri(call);
    }
  }

  stop(): void {
    this.#ami.destroy();
    this.#events.close();
  }

  /** Resolves with the channel's name when the callee has answered. */
  async #originate(call: TrialCall, channel: string, exten: string, variables: Readonly<Record<string, string>>) {
    const isLocal = channel.startsWith('Local/');
    const reference = isLocal ? '__LEAD' : 'PJSIP_HEADER(add,X-Brusio-Reference)';
    const all = { ...variables, AGENT: call.agent, [reference]: call.id };
    const answer = await this.#act('Originate', {
      ...{ Channel: channel, Context: 'answered', Exten: exten, Priority: '1', Timeout: '30000', Async: 'true' },
      ...(isLocal ? {} : { ChannelId: call.id }),
      CallerID: `"${call.id}" <3902000000>`,
      Variable: Object.entries(all)
        .map(([name, value]) => `${name}=${value}`)
        .join(','),
    });
    return answer.get('Channel') ?? '';
  }

  async #bridgeByAri({ id, number, agent, delayMs }: TrialCall): Promise<void> {
    const answered = this.#inStasis(id);
    await this.#ari(
      'POST',
      `channels/${id}?endpoint=PJSIP/${number}@brusio&app=trial&callerId=${id}%20%3C3902000000%3E`,
      {
        variables: {
          'PJSIP_HEADER(add,X-Brusio-Reference)': id,
          'PJSIP_HEADER(add,X-Brusio-Campaign)': 'spring-offer',
        },
      },
    );
    await answered;
    await this.#ari('POST', `bridges/${id}-waiting?type=holding`);
    await this.#ari('POST', `bridges/${id}-waiting/addChannel?channel=${id}`);
    await sleep(delayMs);
    const agentHere = this.#inStasis(`${id}-agent`);
    await this.#ari('POST', `channels/${id}-agent?endpoint=PJSIP/${agent}&app=trial`);
    await agentHere;
    await this.#ari('POST', `bridges/${id}-talk?type=mixing`);
    await this.#ari('POST', `bridges/${id}-talk/addChannel?channel=${id}-agent,${id}`);
  }

  #inStasis(channelId: string): Promise<void> {
    return Promise.race([
      new Promise<void>((resolve) => this.#stasis.set(channelId, resolve)),
      sleep(ANSWERED_WITHIN_MS, undefined, { ref: false }),
    ]);
  }

  async #ari(method: string, path: string, body?: unknown): Promise<void> {
    const authorization = `Basic ${Buffer.from(`${TRIAL_USER.name}:${TRIAL_USER.password}`).toString('base64')}`;
    const response = await fetch(`http://${this.#address}/ari/${path}`, {
      method,
      headers: { authorization, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    await response.text();
  }

  /** Resolves with the answer; of Originate, with its event of what became of the call. */
  #act(action: string, headers: Readonly<Record<string, string>>): Promise<AmiMessage> {
    const id = `${action}-${this.#next++}`;
    this.#ami.write(amiAction(action, { ActionID: id, ...headers }));
    return new Promise((resolve) => this.#waiting.set(id, resolve));
  }

  #next = 0;

  #take(message: AmiMessage): void {
    const id = message.get('ActionID') ?? '';
    const isRefused = message.get('Response') === 'Error';
    if (isRefused) console.log(`${id}: ${message.get('Message')}`);
    const isOver = id.startsWith('Originate') ? message.get('Event') === 'OriginateResponse' : true;
    if (!isOver && !isRefused) return;
    this.#waiting.get(id)?.(message);
    this.#waiting.delete(id);
  }
}
