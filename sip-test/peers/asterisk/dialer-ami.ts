/** The dialer's own connection to AMI: orders calls and hands over every event. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { type AmiMessage, amiAction, createAmiParser } from '../../../src/agents/asterisk/ami-message.ts';

/** A logged-in connection. */
export class DialerAmi {
  readonly #socket: Socket;
  readonly #waiting = new Map<string, (message: AmiMessage) => void>();
  #next = 0;

  private constructor(socket: Socket, onEvent: (event: AmiMessage) => void) {
    this.#socket = socket;
    const parser = createAmiParser();
    socket.on('error', () => undefined);
    socket.on('data', (octets) => {
      for (const input of parser.push(octets)) {
        if (input.type !== 'message') continue;
        if (input.message.get('Event') !== null) onEvent(input.message);
        this.#answered(input.message);
      }
    });
  }

  static async open(
    place: { readonly host: string; readonly port: number },
    user: { readonly name: string; readonly password: string },
    onEvent: (event: AmiMessage) => void,
  ): Promise<DialerAmi> {
    const socket = connect(place);
    await once(socket, 'connect');
    const ami = new DialerAmi(socket, onEvent);
    const login = await ami.act('Login', { Username: user.name, Secret: user.password, Events: 'call' });
    if (login.get('Response') !== 'Success') throw new Error(`AMI: ${login.get('Message')}`);
    return ami;
  }

  /** Resolves with the answer; of Originate, with its event of what became of the call. */
  act(action: string, headers: Readonly<Record<string, string>>): Promise<AmiMessage> {
    this.#next += 1;
    const id = `${action}-${this.#next}`;
    this.#socket.write(amiAction(action, { ActionID: id, ...headers }));
    return new Promise((resolve) => this.#waiting.set(id, resolve));
  }

  close(): void {
    this.#socket.destroy();
  }

  #answered(message: AmiMessage): void {
    const id = message.get('ActionID') ?? '';
    const isRefused = message.get('Response') === 'Error';
    if (id.startsWith('Originate') && message.get('Event') !== 'OriginateResponse' && !isRefused) return;
    this.#waiting.get(id)?.(message);
    this.#waiting.delete(id);
  }
}
