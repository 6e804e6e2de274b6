import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PbxSignal, WatchedCall } from '../../guard/agent-source.ts';
import { ASTERISK_CAPTURES, type AsteriskCapture, amiCapture } from '../testing/asterisk-captures.ts';
import type { AmiCallNaming } from './ami-call-name.ts';
import { createAmiMapper } from './ami-mapper.ts';
import { type AmiMessage, createAmiParser } from './ami-message.ts';

const AGENT = { id: 'PJSIP/agent', name: null, extension: 'agent' };
const NAMING: AmiCallNaming = {
  callIdVariable: 'SIPCALLID',
  referenceVariable: null,
  isUniqueidReference: true,
  isVicidial: false,
};

function messagesOf(octets: Buffer | string): readonly AmiMessage[] {
  return createAmiParser()
    .push(Buffer.from(octets))
    .flatMap((input) => (input.type === 'message' ? [input.message] : []));
}

/** Each capture is read once. */
const STREAMS = new Map(ASTERISK_CAPTURES.map(({ name }) => [name, messagesOf(amiCapture(name))]));

function streamOf({ name }: AsteriskCapture): readonly AmiMessage[] {
  return STREAMS.get(name) ?? [];
}

function mapperFor(isWatched: (call: WatchedCall) => boolean, naming = NAMING) {
  return createAmiMapper({ naming, queues: ['agents'], disposition: null, isWatched });
}

function watching({ amiCall }: AsteriskCapture): (call: WatchedCall) => boolean {
  return ({ by, value }) => by === amiCall.by && value === amiCall.value;
}

/** What a mapper says of agents in a whole stream. */
function signalsOf(messages: readonly AmiMessage[], isWatched: (call: WatchedCall) => boolean, naming = NAMING) {
  const mapper = mapperFor(isWatched, naming);
  return messages.flatMap((message) => mapper.take(message)).filter(({ type }) => type !== 'agents-free');
}

function types(signals: readonly PbxSignal[]): readonly string[] {
  return signals.map(({ type }) => type);
}

/** One event, from its headers. */
function event(headers: Readonly<Record<string, string>>): AmiMessage {
  const [message] = messagesOf(
    `${Object.entries(headers)
      .map(([name, value]) => `${name}: ${value}\r\n`)
      .join('')}\r\n`,
  );
  if (message === undefined) throw new Error('no event');
  return message;
}

describe('AMI of a real Asterisk', () => {
  for (const capture of ASTERISK_CAPTURES) {
    const { name, amiCall: call } = capture;
    const messages = streamOf(capture);

    it(`tells of the agent, once and at the right moment: ${name}`, () => {
      const signals = signalsOf(messages, watching(capture));
      const [bridged] = signals;
      expect(bridged).toMatchObject({ type: 'agent-bridged', call, agent: AGENT });
      // The stamps of ARI are of a moment earlier.
      const at = bridged?.type === 'agent-bridged' ? (bridged.bridgedAt ?? 0) : 0;
      expect(Math.abs(at - Date.parse(capture.bridgedAt))).toBeLessThanOrEqual(2);
      expect(types(signals)).toEqual(
        capture.isOptimized
          ? ['agent-bridged', 'agent-left', 'agent-bridged', 'agent-left']
          : ['agent-bridged', 'agent-left'],
      );
    });

    it(`says nothing of calls that are not Brusio's, and takes two of Brusio's for no agent: ${name}`, () => {
      expect(signalsOf(messages, () => false)).toEqual([]);
      expect(signalsOf(messages, () => true)).toEqual([]);
    });
  }

  it('takes what plays, records or listens in a bridge for no agent', () => {
    for (const capture of ASTERISK_CAPTURES) {
      const text = amiCapture(capture.name).toString('utf8').replaceAll('PJSIP/agent-', 'Snoop/agent-');
      expect(signalsOf(messagesOf(text), watching(capture))).toEqual([]);
    }
  });

  it('knows the person by an inherited variable, which the agent has too', () => {
    const naming = { ...NAMING, callIdVariable: null, referenceVariable: 'LEADID', isUniqueidReference: false };
    const text = amiCapture('queue');
    expect(text.includes('DestChanVariable: LEADID=79')).toBe(true);
    const signals = signalsOf(messagesOf(text), ({ value }) => value === '79', naming);
    expect(signals[0]).toMatchObject({ call: { by: 'reference', value: '79' }, agent: AGENT });
  });

  it("names a queue's agent as the queue does", () => {
    const text = amiCapture('queue').toString('utf8').replaceAll('MemberName: PJSIP/agent', 'MemberName: Anna Rossi');
    const capture = ASTERISK_CAPTURES.find(({ name }) => name === 'queue');
    const signals = signalsOf(messagesOf(text), ({ value }) => value === capture?.callId);
    expect(signals[0]).toMatchObject({ agent: { id: 'PJSIP/agent', name: 'Anna Rossi', extension: 'agent' } });
  });

  it('counts the free agents of a queue', () => {
    const mapper = mapperFor(() => false);
    const counts = messagesOf(amiCapture('queue')).flatMap((message) => mapper.take(message));
    expect(counts).toEqual([
      { type: 'agents-free', queue: 'agents', free: 0 },
      { type: 'agents-free', queue: 'agents', free: 1 },
    ]);
    const snapshot = { channels: [], bridges: [], conferences: [] };
    const member = (interfaceName: string, status: string, paused: string) =>
      event({ Event: 'QueueMember', Queue: 'agents', Location: interfaceName, Status: status, Paused: paused });
    const members = [
      member('PJSIP/a', '1', '0'),
      member('PJSIP/b', '1', '1'),
      member('PJSIP/c', '6', '0'),
      member('PJSIP/d', '1', '0'),
    ];
    expect(mapper.resync({ ...snapshot, members })).toEqual([{ type: 'agents-free', queue: 'agents', free: 2 }]);
    const other = event({
      Event: 'QueueMemberStatus',
      Queue: 'another',
      Interface: 'PJSIP/a',
      Status: '1',
      Paused: '0',
    });
    expect(mapper.take(other)).toEqual([]);
    expect(mapper.resync({ ...snapshot, members: [] })).toEqual([{ type: 'agents-free', queue: 'agents', free: 0 }]);
  });
});

describe('a variable that says who answered', () => {
  const disposition = { variable: 'AMDSTATUS', machine: ['MACHINE'], human: ['HUMAN'], fax: [] };
  const call = { by: 'reference', value: '1795310000.20' };
  const person = { Channel: 'PJSIP/brusio-00000011', ChannelState: '6', Uniqueid: '1795310000.20' };
  const mapper = () =>
    createAmiMapper({ naming: NAMING, queues: [], disposition, isWatched: ({ value }) => value === call.value });
  const machine = [{ type: 'disposition', call, answeredBy: 'machine', method: 'AMDSTATUS=MACHINE' }];

  it('is told once, as it is set or in any event that shows it', () => {
    const one = mapper();
    expect(one.take(event({ Event: 'VarSet', ...person, Variable: 'AMDSTATUS', Value: 'MACHINE' }))).toEqual(machine);
    expect(one.take(event({ Event: 'Newstate', ...person, ChanVariable: 'AMDSTATUS=MACHINE' }))).toEqual([]);
    expect(mapper().take(event({ Event: 'Hangup', ...person, ChanVariable: 'AMDSTATUS=MACHINE' }))).toEqual(machine);
    expect(mapper().take(event({ Event: 'VarSet', ...person, Variable: 'AMDSTATUS', Value: 'NOTSURE' }))).toEqual([]);
  });

  it('is told of the person behind the Local channel that was listened to', () => {
    const one = mapper();
    const half = (end: 1 | 2) => ({
      Channel: `Local/39@out-00000001;${end}`,
      ChannelState: '6',
      Uniqueid: `1795310000.2${end}`,
    });
    const bridge = {
      Event: 'BridgeEnter',
      BridgeUniqueid: 'b1',
      BridgeType: 'basic',
      BridgeTechnology: 'simple_bridge',
    };
    one.take(event({ Event: 'Newchannel', ...half(1) }));
    one.take(event({ ...bridge, ...person }));
    one.take(event({ ...bridge, ...half(2) }));
    expect(one.take(event({ Event: 'VarSet', ...half(1), Variable: 'AMDSTATUS', Value: 'MACHINE' }))).toEqual(machine);
  });

  it('is found after the connection was cut while it was set', () => {
    const channel = event({ Event: 'CoreShowChannel', ...person, ChanVariable: 'AMDSTATUS=MACHINE' });
    expect(mapper().resync({ channels: [channel], bridges: [], conferences: [], members: [] })).toEqual(machine);
  });
});

describe('a stream of AMI that is damaged', () => {
  it('names no agent who was not there, whatever is lost, doubled, out of order or cut short', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...ASTERISK_CAPTURES),
        fc.infiniteStream(fc.nat(9)),
        fc.nat(),
        (capture, chance, end) => {
          const whole = streamOf(capture);
          const messages = whole.slice(0, end % whole.length).flatMap((message) => {
            const fate = chance.next().value;
            return fate === 0 ? [] : fate === 1 ? [message, message] : [message];
          });
          for (let index = 1; index < messages.length; index++) {
            const [before, after] = [messages[index - 1], messages[index]];
            if (chance.next().value === 0 && before && after) messages.splice(index - 1, 2, after, before);
          }
          for (const signal of signalsOf(messages, watching(capture))) {
            if (signal.type === 'agent-bridged') expect(signal).toMatchObject({ call: capture.amiCall, agent: AGENT });
          }
        },
      ),
      { numRuns: 100 },
    );
  });

  it('says the same when every event comes twice', () => {
    for (const capture of ASTERISK_CAPTURES) {
      const messages = streamOf(capture);
      const twice = messages.flatMap((message) => [message, message]);
      expect(signalsOf(twice, watching(capture))).toEqual(signalsOf(messages, watching(capture)));
    }
  });

  it('remembers nothing of channels that have gone', () => {
    for (const capture of ASTERISK_CAPTURES) {
      const mapper = mapperFor(watching(capture));
      for (const message of streamOf(capture)) mapper.take(message);
      expect(mapper.channelsKnown(), capture.name).toBe(0);
    }
  });
});

describe('VICIdial over AMI', () => {
  const CODE = 'V11221359590000004711';
  const naming = { callIdVariable: null, referenceVariable: null, isUniqueidReference: false, isVicidial: true };
  const isCode = ({ by, value }: WatchedCall) => by === 'reference' && value === CODE;
  const customer = { Channel: 'SIP/brusio-00000011', ChannelState: '6', Uniqueid: '1795310000.20', CallerIDName: CODE };
  const agent = {
    Channel: 'SIP/101-00000003',
    ChannelState: '6',
    Uniqueid: '1795300000.3',
    CallerIDName: 'S11220900008600051',
  };

  it('knows the person by the call code, and the agent who waits in the conference', () => {
    const room = { Event: 'MeetmeJoin', Meetme: '8600051' };
    const [bridged, left] = signalsOf(
      [
        event({ ...room, ...agent, User: '1' }),
        // Recording enters as a Local channel: its other half is no person either.
        event({ ...room, Channel: 'Local/58600051@default-00000009;2', ChannelState: '6', Uniqueid: '1795300000.9' }),
        event({ ...room, ...customer, User: '2', Timestamp: '1795310002.500000' }),
        event({ ...room, ...customer, Event: 'MeetmeLeave', User: '2' }),
      ],
      isCode,
      naming,
    );
    const call = { by: 'reference', value: CODE };
    expect(bridged).toEqual({
      type: 'agent-bridged',
      call,
      agent: { id: 'SIP/101', name: null, extension: '101' },
      bridgedAt: 1_795_310_002_500,
    });
    expect(left).toEqual({ type: 'agent-left', call });
  });

  it('does the same with ConfBridge, and takes a supervisor who only listens for no agent', () => {
    const room = {
      Conference: '9600051',
      BridgeUniqueid: 'b1',
      BridgeType: 'base',
      BridgeTechnology: 'softmix',
      BridgeCreator: 'ConfBridge',
    };
    const listener = { Channel: 'SIP/900-00000004', ChannelState: '6', Uniqueid: '1795300000.4', CallerIDName: 'M' };
    const enter = (channel: Readonly<Record<string, string>>, muted: string) => [
      event({ Event: 'BridgeEnter', ...room, ...channel }),
      event({ Event: 'ConfbridgeJoin', ...room, ...channel, Muted: muted }),
    ];
    const people = [...enter(customer, 'No'), ...enter(listener, 'Yes')];
    expect(signalsOf(people, isCode, naming)).toEqual([]);
    const signals = signalsOf([...people, ...enter(agent, 'No')], isCode, naming);
    expect(signals).toMatchObject([{ type: 'agent-bridged', agent: { id: 'SIP/101' } }]);
    const unmuted = [...people, event({ Event: 'ConfbridgeUnmute', ...room, ...listener })];
    expect(signalsOf(unmuted, isCode, naming)).toMatchObject([{ agent: { id: 'SIP/900' } }]);
  });

  it('finds both again after the connection was cut', () => {
    const mapper = mapperFor(isCode, naming);
    const signals = mapper.resync({
      channels: [event({ Event: 'CoreShowChannel', ...agent }), event({ Event: 'CoreShowChannel', ...customer })],
      bridges: [],
      conferences: [
        event({ Event: 'MeetmeList', Conference: '8600051', Channel: 'SIP/101-00000003' }),
        event({ Event: 'MeetmeList', Conference: '8600051', Channel: 'SIP/brusio-00000011' }),
      ],
      members: [],
    });
    expect(signals).toMatchObject([
      { type: 'agent-bridged', call: { value: CODE }, agent: { id: 'SIP/101' }, bridgedAt: null },
    ]);
  });
});
