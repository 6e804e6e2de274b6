/** The dialer's own connection to FreeSWITCH's event socket: places calls and keeps what the server says of each channel. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { headerValue, type RawHeaders } from '../../../src/agents/freeswitch/event-headers.ts';
import { FrameReader } from '../../../src/agents/freeswitch/frame-reader.ts';
import { eventStampMs, readMessage } from '../../../src/agents/freeswitch/message.ts';

/** What the server said of one channel, by its clock in ms; null for what it did not. */
export type ChannelStory = {
  /** The number that was called. */
  destination: string | null;
  /** First bridge to another channel, or first moment with another in a conference. */
  readonly meetings: { readonly with: string; readonly at: number }[];
  hungUp: boolean;
};

/** A logged-in connection. */
export class DialerSocket {
  readonly #socket: Socket;
  readonly #replies: ((text: string) => void)[] = [];
  readonly #channels = new Map<string, ChannelStory>();
  readonly #rooms = new Map<string, Set<string>>();
  readonly #onAnswer = new Map<string, () => void>();

  private constructor(socket: Socket) {
    this.#socket = socket;
    const reader = new FrameReader();
    socket.on('data', (octets) => {
      for (const frame of reader.read(octets).frames) {
        const message = readMessage(frame);
        if (message.type === 'reply') this.#replies.shift()?.(message.text);
        if (message.type === 'event') this.#take(message.headers);
      }
    });
    socket.on('error', () => undefined);
  }

  /** Waits for the server to be there. */
  static async open(host: string, port: number, password: string): Promise<DialerSocket> {
    for (let attempt = 0; ; attempt += 1) {
      const socket = connect(port, host);
      try {
        await once(socket, 'connect');
        const dialer = new DialerSocket(socket);
        if (!(await dialer.command(`auth ${password}`)).startsWith('+OK')) throw new Error('the password is refused');
        await dialer.command(
          'event plain CHANNEL_ANSWER CHANNEL_BRIDGE CHANNEL_HANGUP_COMPLETE CUSTOM conference::maintenance',
        );
        return dialer;
      } catch (error) {
        socket.destroy();
        if (attempt === 100) throw error;
        await sleep(200);
      }
    }
  }

  command(line: string): Promise<string> {
    return new Promise((resolve) => {
      this.#replies.push(resolve);
      this.#socket.write(`${line}\n\n`);
    });
  }

  /** In a thread of the server's own: a command that takes long holds up nothing. */
  background(line: string): void {
    void this.command(`bgapi ${line}`);
  }

  story(uuid: string): ChannelStory {
    const found = this.#channels.get(uuid) ?? { destination: null, meetings: [], hungUp: false };
    this.#channels.set(uuid, found);
    return found;
  }

  onAnswer(uuid: string, then: () => void): void {
    this.#onAnswer.set(uuid, then);
  }

  close(): void {
    this.#socket.destroy();
  }

  #take(headers: RawHeaders): void {
    const uuid = headerValue(headers, 'Unique-ID');
    const at = eventStampMs(headers);
    if (uuid === null || at === null) return;
    switch (headerValue(headers, 'Event-Name')) {
      case 'CHANNEL_ANSWER':
        this.story(uuid).destination ??= headerValue(headers, 'Caller-Destination-Number');
        this.#onAnswer.get(uuid)?.();
        this.#onAnswer.delete(uuid);
        break;
      case 'CHANNEL_BRIDGE': {
        const [a, b] = ['Bridge-A-Unique-ID', 'Bridge-B-Unique-ID'].map((name) => headerValue(headers, name));
        if (typeof a === 'string' && typeof b === 'string') this.#meet(a, b, at);
        break;
      }
      case 'CHANNEL_HANGUP_COMPLETE':
        this.story(uuid).hungUp = true;
        break;
      case 'CUSTOM':
        this.#room(headers, uuid, at);
        break;
      default:
    }
  }

  #room(headers: RawHeaders, uuid: string, at: number): void {
    const name = headerValue(headers, 'Conference-Name') ?? '';
    const room = this.#rooms.get(name) ?? new Set();
    this.#rooms.set(name, room);
    if (headerValue(headers, 'Action') === 'del-member') room.delete(uuid);
    if (headerValue(headers, 'Action') !== 'add-member') return;
    for (const other of room) this.#meet(uuid, other, at);
    room.add(uuid);
  }

  #meet(a: string, b: string, at: number): void {
    this.story(a).meetings.push({ with: b, at });
    this.story(b).meetings.push({ with: a, at });
  }
}
