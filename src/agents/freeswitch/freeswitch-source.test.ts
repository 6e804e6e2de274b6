import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { systemClock } from '../../base/clock.ts';
import type { AgentSource, PbxSignal } from '../../guard/agent-source.ts';
import { createPbxSource } from '../pbx-source.ts';
import { tcpWire } from '../tcp-wire.ts';
import { AUTH_REQUEST, eventFrame, type FakePbx, fakePbx, pbxAnswer } from '../testing/fake-event-socket.ts';
import { freeswitchConversations } from './conversation.ts';
import type { RawHeaders } from './event-headers.ts';

const WITHIN = { timeout: 20_000, interval: 5 };

const channel = (uuid: string, more: Record<string, string> = {}): RawHeaders =>
  new Map(
    Object.entries({
      'Event-Name': 'CHANNEL_ANSWER',
      'Event-Date-Timestamp': '3000000',
      'Unique-ID': uuid,
      'Call-Direction': 'outbound',
      'Answer-State': 'answered',
      'Caller-Channel-Answered-Time': '1000000',
      'Caller-Destination-Number': uuid,
      variable_sip_call_id: `${uuid}-call`,
      ...more,
    }),
  );

const bridge = eventFrame(
  channel('cust', { 'Event-Name': 'CHANNEL_BRIDGE', 'Bridge-A-Unique-ID': 'cust', 'Bridge-B-Unique-ID': 'agent' }),
);

describe('a FreeSWITCH over a socket', () => {
  let pbx: FakePbx;
  let server: Server;
  let port = 0;
  let sockets: Socket[];
  let source: AgentSource;
  let signals: PbxSignal[];

  beforeEach(async () => {
    pbx = fakePbx();
    sockets = [];
    signals = [];
    server = createServer((socket) => {
      sockets.push(socket);
      let pending = '';
      socket.on('error', () => undefined);
      socket.on('data', (octets) => {
        // A line end before a command is nothing (read_packet of mod_event_socket).
        const commands = (pending + octets.toString()).replace(/^\n+/, '').split(/\n\n+/);
        pending = commands.pop() ?? '';
        for (const command of commands) socket.write(pbxAnswer(pbx, command));
      });
      socket.write(AUTH_REQUEST);
    });
    await listen(0);
    source = createPbxSource({
      name: 'pbx',
      kind: 'freeswitch',
      dialers: [],
      clock: systemClock,
      random: () => 0.5,
      log: pino({ level: 'silent' }),
      open: tcpWire({ host: '127.0.0.1', port }),
      converse: freeswitchConversations({
        clock: systemClock,
        login: { user: null, password: 'ClueCon' },
        disposition: null,
        queues: [],
      }),
    });
  });

  afterEach(async () => {
    await source.stop();
    for (const socket of sockets) socket.destroy();
    server.close();
  });

  async function listen(at: number): Promise<void> {
    server.listen(at, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    port = typeof address === 'object' && address !== null ? address.port : 0;
  }

  const start = () =>
    source.start({
      signal(signal) {
        signals.push(signal);
        return 'taken';
      },
      watches: (call) => call.value === 'cust-call',
    });
  const isUp = () => vi.waitFor(() => expect(source.status().up).toBe(true), WITHIN);

  it('is up once it has logged in, and tells of a bridge', async () => {
    start();
    await isUp();
    pbx.channels.set('agent', channel('agent'));
    sockets[0]?.write(bridge);
    await vi.waitFor(() => expect(signals).toMatchObject([{ type: 'agent-bridged', bridgedAt: 3_000 }]), WITHIN);
  });

  it('says that the password is refused', async () => {
    pbx.password = 'another';
    start();
    await vi.waitFor(() => expect(source.status().problem).toBe('it refused the password'), WITHIN);
    expect(source.status().up).toBe(false);
  });

  it('that is restarted in the middle of an event is asked what the rest was', async () => {
    start();
    await isUp();
    sockets[0]?.write(bridge.slice(0, 200));
    server.close();
    for (const socket of sockets) socket.destroy();
    await vi.waitFor(() => expect(source.status().up).toBe(false), WITHIN);
    const since = { 'Caller-Channel-Bridged-Time': '2000000' };
    pbx.channels.set('cust', channel('cust', { variable_bridge_to: 'agent', ...since }));
    pbx.channels.set('agent', channel('agent', { variable_bridge_to: 'cust', ...since }));
    await listen(port);
    await isUp();
    expect(signals).toMatchObject([{ type: 'agent-bridged', agent: { id: 'agent' }, bridgedAt: 2_000 }]);
    expect(source.status()).toMatchObject({ reconnects: 1, malformed: 0 });
  });
});
