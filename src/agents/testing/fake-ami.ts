/** A manager interface on a socket, as far as a source speaks with it. */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { createAmiParser } from '../asterisk/ami-message.ts';

/** The same challenge to everybody. */
const CHALLENGE = '123456789';

/** What it answers. */
export type FakeAmiState = {
  secret: string;
  /** Items of each list, without ActionID; a list that is missing here is refused. */
  lists: Record<string, readonly string[]>;
  /** Takes actions and says nothing. */
  isSilent: boolean;
};

/** A server that can be told what to say. */
export type FakeAmi = {
  readonly port: number;
  readonly state: FakeAmiState;
  /** Actions, as they came. */
  readonly actions: string[];
  say(text: string): void;
  /** Ends every connection. */
  cut(): void;
  stop(): Promise<void>;
};

/** Listens on 127.0.0.1. */
export async function startFakeAmi(state: FakeAmiState): Promise<FakeAmi> {
  const sockets = new Set<Socket>();
  const actions: string[] = [];
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => sockets.delete(socket));
    const parser = createAmiParser();
    socket.write('Asterisk Call Manager/11.0.0\r\n');
    socket.on('data', (octets) => {
      for (const input of parser.push(octets)) {
        if (input.type !== 'message') continue;
        const action = input.message.get('Action') ?? '';
        const id = `ActionID: ${input.message.get('ActionID')}\r\n`;
        actions.push(action);
        if (!state.isSilent) socket.write(answer(action, id, input.message.get('Key')));
      }
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');

  function answer(action: string, id: string, key: string | null): string {
    if (action === 'Challenge') return `Response: Success\r\n${id}Challenge: ${CHALLENGE}\r\n\r\n`;
    if (action === 'Ping') return `Response: Success\r\n${id}Ping: Pong\r\n\r\n`;
    if (action === 'Login') {
      const isRight = key === createHash('md5').update(`${CHALLENGE}${state.secret}`).digest('hex');
      const said = isRight ? 'Success\r\nMessage: Authentication accepted' : 'Error\r\nMessage: Authentication failed';
      return `Response: ${said}\r\n${id}\r\n`;
    }
    const items = state.lists[action];
    if (items === undefined) return `Response: Error\r\n${id}Message: Permission denied\r\n\r\n`;
    const told = items.map((item) => `${item}${id}\r\n`).join('');
    return `Response: Success\r\n${id}EventList: start\r\n\r\n${told}Event: ${action}Complete\r\n${id}EventList: Complete\r\n\r\n`;
  }

  return {
    port: (server.address() as AddressInfo).port,
    state,
    actions,
    say(text) {
      for (const socket of sockets) socket.write(text);
    },
    cut() {
      for (const socket of sockets) socket.destroy();
    },
    async stop() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
