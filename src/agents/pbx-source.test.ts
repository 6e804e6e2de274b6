import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { type Clock, systemClock } from '../base/clock.ts';
import type { AgentSink, PbxSignal } from '../guard/agent-source.ts';
import { fakeClock } from '../testing/fake-clock.ts';
import { SILENT_LOG } from '../testing/fake-ports.ts';
import {
  BEAT_MS,
  createPbxSource,
  FIRST_PAUSE_MS,
  LONGEST_PAUSE_MS,
  READY_WITHIN_MS,
  REFUSED_PAUSE_MS,
  type SourceLink,
} from './pbx-source.ts';
import { tcpWire } from './tcp-wire.ts';
import type { OpenWire, WireEvents } from './wire.ts';

const LEFT: PbxSignal = { type: 'agent-left', call: { by: 'call-id', value: 'c1' } };

/** A source on wires that a test opens and cuts, and a conversation that says what it is told. */
function source(clock: Clock, open?: OpenWire) {
  const wires: { events: WireEvents; sent: string[]; closed: boolean }[] = [];
  const trace: string[] = [];
  const under = createPbxSource({
    ...{ name: 'pbx', kind: 'freeswitch', dialers: [], clock, random: () => 0, log: SILENT_LOG },
    open:
      open ??
      ((events) => {
        const wire = { events, sent: [] as string[], closed: false };
        wires.push(wire);
        return { send: (text) => void wire.sent.push(text), close: () => Object.assign(wire, { closed: true }) };
      }),
    converse(link: SourceLink) {
      link.send('login');
      return {
        received(data) {
          const text = data.toString();
          if (text === 'ok') link.ready();
          else if (text === 'left') link.signal(LEFT);
          else if (text === 'no') link.fail('login refused');
          else if (text === 'bug') throw new Error('a bug');
        },
        beat: () => void trace.push('beat'),
        closed: () => void trace.push('closed'),
      };
    },
  });
  const sink: AgentSink = {
    watches: () => true,
    signal(signal, at) {
      trace.push(`${signal.type} ${at.monotonicMs}`);
      return 'unknown-call';
    },
  };
  const last = () => wires.at(-1) ?? expect.fail('no wire');
  return { under, sink, wires, last, trace };
}

/** Up at 0 ms. */
function upSource() {
  const clock = fakeClock();
  const made = source(clock);
  made.under.start(made.sink);
  made.last().events.opened();
  made.last().events.received('ok');
  expect(made.under.status()).toMatchObject({ up: true, problem: null });
  return { clock, ...made };
}

describe('a source', () => {
  it('is up once its conversation says so, and gives each signal the moment its octets came in', () => {
    const { clock, under, last, trace } = upSource();
    expect(last().sent).toEqual(['login']);
    clock.advance(7);
    last().events.received('left');
    expect(trace).toEqual(['agent-left 7']);
    expect(under.status()).toMatchObject({ signals: 1, unknownCalls: 1, reconnects: 0 });
  });

  /** Loses one connection after the other; the pauses between the attempts. */
  function pausesAfter(loss: (events: WireEvents) => void, attempts: number): number[] {
    const clock = fakeClock();
    const { under, sink, wires, last } = source(clock);
    under.start(sink);
    return Array.from({ length: attempts }, () => {
      last().events.opened();
      loss(last().events);
      expect(under.status()).toMatchObject({ up: false, reconnects: 0 });
      const before = clock.monotonicMs();
      const count = wires.length;
      while (wires.length === count) clock.advance(1);
      return clock.monotonicMs() - before;
    });
  }

  it('tries again ever more slowly, but never so slowly that a waiting call would be missed', () => {
    expect(pausesAfter((events) => events.closed('reset'), 5)).toEqual([100, 200, 400, 500, LONGEST_PAUSE_MS]);
  });

  it('leaves a PBX that refuses its login alone for a while, and says why it is down', () => {
    expect(pausesAfter((events) => events.received('no'), 3)).toEqual(Array(3).fill(REFUSED_PAUSE_MS));
    const { under, sink, last } = source(fakeClock());
    under.start(sink);
    last().events.opened();
    last().events.received('no');
    expect(under.status().problem).toBe('login refused');
    expect(last().closed).toBe(true);
  });

  it('leaves one alone for no longer than after a loss that was up and then said what cannot be read', () => {
    const { clock, wires, last } = upSource();
    last().events.received('no');
    clock.advance(FIRST_PAUSE_MS);
    expect(wires).toHaveLength(2);
  });

  it('connects again after a loss, at once after a long time up, and tells its conversation that it is over, once', () => {
    const { clock, under, wires, last, trace } = upSource();
    for (let silence = 0; silence < BEAT_MS; silence += 500) {
      clock.advance(500);
      last().events.received('still here');
    }
    last().events.closed('the connection was closed');
    expect(under.status()).toMatchObject({ up: false, problem: 'the connection was closed', reconnects: 1 });
    expect(trace).toEqual(['closed']);
    clock.advance(FIRST_PAUSE_MS);
    expect(wires).toHaveLength(2);
    last().events.opened();
    last().events.received('ok');
    expect(under.status().up).toBe(true);
  });

  it('asks for a sign of life, and is lost without one', () => {
    const { clock, under, last, trace } = upSource();
    clock.advance(BEAT_MS);
    expect(trace).toEqual(['beat']);
    last().events.received('pong');
    clock.advance(BEAT_MS);
    expect(trace).toEqual(['beat', 'beat']);
    clock.advance(BEAT_MS);
    expect(under.status()).toMatchObject({ up: false, problem: 'it said nothing for 4 s' });
    expect(last().closed).toBe(true);
  });

  it('gives up a connection on which nothing is ready in time', () => {
    const clock = fakeClock();
    const { under, sink, last } = source(clock);
    under.start(sink);
    last().events.opened();
    clock.advance(READY_WITHIN_MS);
    expect(under.status()).toMatchObject({ up: false, problem: 'it did not answer in time' });
    expect(last().closed).toBe(true);
  });

  it('loses its connection, and nothing else, by a bug in what reads it; what comes late is not heard', () => {
    const { under, last, trace } = upSource();
    const first = last();
    first.events.received('bug');
    expect(under.status()).toMatchObject({ up: false, malformed: 1 });
    expect(under.status().problem).toContain('a bug');
    first.events.received('left');
    first.events.closed('late');
    expect(trace).toEqual(['closed']);
  });

  it('stops for good', async () => {
    const { clock, under, wires, last, trace } = upSource();
    await under.stop();
    expect(last().closed).toBe(true);
    last().events.closed('late');
    clock.advance(60_000);
    expect([wires.length, trace]).toEqual([1, ['closed']]);
    expect(clock.pendingTimers()).toBe(0);
  });
});

describe('over TCP', () => {
  let server: Server | null = null;
  afterEach(() => server?.close());

  it('finds a PBX that starts later, sends and receives, and notices that it is gone', async () => {
    const probe = createServer().listen(0, '127.0.0.1');
    await once(probe, 'listening');
    const port = (probe.address() as { port: number }).port;
    probe.close();
    await once(probe, 'close');

    const { under, sink } = source(systemClock, tcpWire({ host: '127.0.0.1', port }));
    under.start(sink);
    await expect.poll(() => under.status().problem).toContain('ECONNREFUSED');
    const sockets: Socket[] = [];
    let said = '';
    server = createServer((socket) => {
      sockets.push(socket);
      socket.on('data', (octets) => {
        said += octets.toString();
        socket.write('ok');
      });
    }).listen(port, '127.0.0.1');
    await expect.poll(() => under.status().up, { timeout: 10_000 }).toBe(true);
    expect(said).toBe('login');
    for (const socket of sockets) socket.destroy();
    await expect.poll(() => under.status().reconnects, { timeout: 10_000 }).toBe(1);
    await expect.poll(() => under.status().up, { timeout: 10_000 }).toBe(true);
    await under.stop();
    for (const socket of sockets) socket.destroy();
  });
});
