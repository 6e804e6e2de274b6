import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PbxSignal, WatchedCall } from '../../guard/agent-source.ts';
import { ASTERISK_CAPTURES, type AsteriskCapture, ariCapture } from '../testing/asterisk-captures.ts';
import { type AriBridge, type AriChannel, type AriEvent, readAriMessage } from './ari-event.ts';
import { createAriMapper } from './ari-mapper.ts';

const AGENT = { id: 'PJSIP/agent', name: null, extension: 'agent' };

/** Each capture is unpacked once. */
const STREAMS = new Map(ASTERISK_CAPTURES.map(({ name }) => [name, ariCapture(name)]));

function linesOf({ name }: AsteriskCapture): readonly string[] {
  return STREAMS.get(name) ?? [];
}

function eventsOf(lines: readonly string[]): readonly AriEvent[] {
  return lines.flatMap((line) => {
    const message = readAriMessage(line);
    return message.type === 'event' ? [message.event] : [];
  });
}

function mapperFor(isWatched: (call: WatchedCall) => boolean) {
  return createAriMapper({ disposition: null, isWatched });
}

function watching({ callId }: AsteriskCapture): (call: WatchedCall) => boolean {
  return (call) => call.by === 'call-id' && call.value === callId;
}

/** What a mapper says of a whole stream. */
function signalsOf(lines: readonly string[], isWatched: (call: WatchedCall) => boolean): readonly PbxSignal[] {
  const mapper = mapperFor(isWatched);
  return eventsOf(lines).flatMap((event) => mapper.take(event));
}

function types(signals: readonly PbxSignal[]): readonly string[] {
  return signals.map(({ type }) => type);
}

function isBridged(signals: readonly PbxSignal[]): boolean {
  return signals.at(-1)?.type === 'agent-bridged';
}

/** What ARI would have answered after these events: channels and bridges as the events last showed them. */
function snapshotAfter(events: readonly AriEvent[]) {
  const channels = new Map<string, AriChannel>();
  const bridges = new Map<string, AriBridge>();
  for (const event of events) {
    if (event.type === 'channel-destroyed') channels.delete(event.channel.id);
    else if (event.type === 'bridge-destroyed') bridges.delete(event.bridgeId);
    else if (event.type === 'bridge') bridges.set(event.bridge.id, event.bridge);
    if (event.type === 'channel' || event.type === 'bridge') {
      if (event.channel !== null) channels.set(event.channel.id, event.channel);
    }
  }
  return { channels: [...channels.values()], bridges: [...bridges.values()] };
}

describe('ARI of a real Asterisk', () => {
  for (const capture of ASTERISK_CAPTURES) {
    it(`tells of the agent, once and at the right moment: ${capture.name}`, () => {
      const call = { by: 'call-id', value: capture.callId };
      const signals = signalsOf(linesOf(capture), watching(capture));
      const bridged = { type: 'agent-bridged', call, agent: AGENT, bridgedAt: Date.parse(capture.bridgedAt) };
      const left = { type: 'agent-left', call };
      expect(signals[0]).toEqual(bridged);
      expect(types(signals)).toEqual(
        // The person leaves the Local channel's bridge and is in the agent's within 3 ms.
        capture.isOptimized
          ? ['agent-bridged', 'agent-left', 'agent-bridged', 'agent-left']
          : ['agent-bridged', 'agent-left'],
      );
      expect(signals.at(-1)).toEqual(left);
    });

    it(`says nothing of calls that are not Brusio's: ${capture.name}`, () => {
      expect(signalsOf(linesOf(capture), () => false)).toEqual([]);
    });

    it(`takes two calls of Brusio's in one bridge for no agent: ${capture.name}`, () => {
      expect(signalsOf(linesOf(capture), () => true)).toEqual([]);
    });
  }

  it.each([
    'Announcer/ARI',
    'Recorder/ARI',
    'Snoop/1795309999.5',
    'UnicastRTP/127.0.0.1',
    'CBAnn/room1',
    'AudioSocket/a',
  ])('takes %s in the bridge for no agent', (tool) => {
    for (const capture of ASTERISK_CAPTURES) {
      const lines = linesOf(capture).map((line) => line.replaceAll('PJSIP/agent-', `${tool}-`));
      expect(signalsOf(lines, watching(capture))).toEqual([]);
    }
  });

  it('has nothing to tell of a call that Brusio has ended, whose channel is there a moment longer', () => {
    for (const capture of ASTERISK_CAPTURES) {
      let isAlive = true;
      const mapper = mapperFor((call) => isAlive && watching(capture)(call));
      const signals = eventsOf(linesOf(capture)).flatMap((event) => {
        const told = mapper.take(event);
        if (told.length > 0) isAlive = false;
        return told;
      });
      expect(types(signals)).toEqual(['agent-bridged']);
    }
  });

  it('waits for an agent who is in the bridge to answer', () => {
    const [capture] = ASTERISK_CAPTURES.filter(({ name }) => name === 'ari-one-mixing-bridge');
    if (capture === undefined) throw new Error('no such capture');
    const lines = linesOf(capture);
    const mapper = mapperFor(watching(capture));
    const ringing = (line: string) =>
      line.includes('"type":"ChannelEnteredBridge"') ? line.replaceAll('"state":"Up"', '"state":"Ringing"') : line;
    const entering = lines.findLastIndex((line) => line.includes('"type":"ChannelEnteredBridge"'));
    const before = eventsOf(lines.slice(0, entering + 1).map(ringing)).flatMap((event) => mapper.take(event));
    expect(before).toEqual([]);
    const answer = lines.find((line) => line.includes('PJSIP/agent') && line.includes('"state":"Up"')) ?? '';
    const up = answer.replace(/"type":"\w+"/, '"type":"ChannelStateChange"');
    expect(types(eventsOf([up]).flatMap((event) => mapper.take(event)))).toEqual(['agent-bridged']);
  });

  it('knows at once who was bridged or parted while the connection was cut, wherever it was cut', () => {
    for (const capture of ASTERISK_CAPTURES) {
      const events = eventsOf(linesOf(capture));
      for (let from = 0; from <= events.length; from += 3) {
        for (let to = from; to <= events.length; to += 3) {
          const mapper = mapperFor(watching(capture));
          const before = events.slice(0, from).flatMap((event) => mapper.take(event));
          const { channels, bridges } = snapshotAfter(events.slice(0, to));
          const after = mapper.resync(channels, bridges);
          // What one who had seen everything would have told last.
          const whole = mapperFor(watching(capture));
          const truth = events.slice(0, to).flatMap((event) => whole.take(event));
          const isThere = channels.some(({ protocolId }) => protocolId === capture.callId);
          if (isThere) expect(isBridged([...before, ...after]), `${capture.name} ${from} ${to}`).toBe(isBridged(truth));
        }
      }
    }
  });
});

describe('a stream of ARI that is damaged', () => {
  const anyCapture = fc.constantFrom(...ASTERISK_CAPTURES);

  it('names no agent who was not there, whatever is lost, doubled or out of order', () => {
    fc.assert(
      fc.property(anyCapture, fc.infiniteStream(fc.nat(9)), (capture, chance) => {
        const lines = linesOf(capture).flatMap((line) => {
          const fate = chance.next().value;
          return fate === 0 ? [] : fate === 1 ? [line, line] : [line];
        });
        for (let index = 1; index < lines.length; index++) {
          if (chance.next().value === 0) lines.splice(index - 1, 2, lines[index] ?? '', lines[index - 1] ?? '');
        }
        for (const signal of signalsOf(lines, watching(capture))) {
          if (signal.type === 'agent-bridged') expect(signal.agent).toEqual(AGENT);
          if (signal.type !== 'agents-free') expect(signal.call.value).toBe(capture.callId);
        }
      }),
      { numRuns: 200 },
    );
  });

  it('says the same when every event comes twice', () => {
    for (const capture of ASTERISK_CAPTURES) {
      const lines = linesOf(capture);
      const twice = lines.flatMap((line) => [line, line]);
      expect(signalsOf(twice, watching(capture))).toEqual(signalsOf(lines, watching(capture)));
    }
  });

  it('is malformed where a message is cut short, and never thrown at', () => {
    fc.assert(
      fc.property(anyCapture, fc.nat(), fc.nat(), (capture, which, where) => {
        const lines = linesOf(capture);
        const line = lines[which % lines.length] ?? '';
        expect(readAriMessage(line.slice(0, where % line.length)).type).toBe('malformed');
      }),
    );
    fc.assert(fc.property(fc.jsonValue(), (value) => void readAriMessage(JSON.stringify(value))));
    for (const odd of [
      '{"type":"BridgeMerged"}',
      '{"type":"ChannelVarset","channel":7}',
      '{"type":"RESTResponse"}',
      'null',
    ])
      expect(readAriMessage(odd).type).toBe('malformed');
  });
});

describe('a variable that says who answered', () => {
  const disposition = { variable: 'AMDSTATUS', machine: ['MACHINE'], human: ['HUMAN'], fax: [] };
  const capture = ASTERISK_CAPTURES.find(({ name }) => name === 'queue') ?? ASTERISK_CAPTURES[0];
  if (capture === undefined) throw new Error('no captures');
  const call = { by: 'call-id', value: capture.callId };
  const lines = linesOf(capture);
  const set = lines.find((line) => line.includes('"type":"ChannelVarset"') && line.includes(capture.callId)) ?? '';

  /** As `AMD()` sets it on the channel of the capture. */
  const varset = (value: string) =>
    set.replace(/"variable":"[^"]*","value":"[^"]*"/, `"variable":"AMDSTATUS","value":"${value}"`);

  it('is told once, with its own word', () => {
    const mapper = createAriMapper({ disposition, isWatched: watching(capture) });
    const take = (line: string) => eventsOf([line]).flatMap((event) => mapper.take(event));
    expect(take(varset('machine'))).toEqual([
      { type: 'disposition', call, answeredBy: 'machine', method: 'AMDSTATUS=machine' },
    ]);
    expect(take(varset('machine'))).toEqual([]);
    expect(take(varset('NOTSURE'))).toEqual([]);
    expect(take(varset('HUMAN'))).toEqual([
      { type: 'disposition', call, answeredBy: 'human', method: 'AMDSTATUS=HUMAN' },
    ]);
  });

  it('is read from channelvars too, up to the last event of the channel', () => {
    const mapper = createAriMapper({ disposition, isWatched: watching(capture) });
    const told = eventsOf(lines).flatMap((event) => {
      if (event.type !== 'channel-destroyed' || event.channel.protocolId !== capture.callId) return mapper.take(event);
      return mapper.take({ ...event, channel: { ...event.channel, variables: { AMDSTATUS: 'MACHINE' } } });
    });
    expect(told.at(-1)).toEqual({ type: 'disposition', call, answeredBy: 'machine', method: 'AMDSTATUS=MACHINE' });
  });
});
