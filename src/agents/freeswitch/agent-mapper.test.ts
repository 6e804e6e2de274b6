import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PbxSignal, WatchedCall } from '../../guard/agent-source.ts';
import { capturedEvents } from '../testing/freeswitch-streams.ts';
import type { DispositionVariable } from '../variable-disposition.ts';
import { AgentMapper, type Mapped } from './agent-mapper.ts';
import { CHANNELS_MAX } from './channel-graph.ts';
import { headerValue, type RawHeaders } from './event-headers.ts';

/** One captured way of bringing both together: the customer's Call-ID, and what is to be told of it. */
type Way = { readonly stream: string; readonly customer: string; readonly told: readonly string[] };

const WAYS: readonly Way[] = [
  {
    stream: 'park-and-uuid-bridge',
    customer: 'ac477adb-60b4-1240-cfa7-050d28ed4067',
    told: ['bridged agent/agent at 1795309970123.03', 'left'],
  },
  {
    stream: 'customer-first-bridge',
    customer: 'aeb051ed-60b4-1240-cfa7-050d28ed4067',
    told: ['bridged agent/agent at 1795309973283.026', 'left'],
  },
  {
    stream: 'agent-first-bridge',
    customer: 'b032d772-60b4-1240-cfa7-050d28ed4067',
    told: ['bridged agent/agent at 1795309975503.042'],
  },
  {
    stream: 'callcenter',
    customer: 'b152992d-60b4-1240-cfa7-050d28ed4067',
    told: ['bridged agent1@default/agent at 1795309977743.027', 'left'],
  },
  { stream: 'callcenter-abandoned', customer: 'b3579cef-60b4-1240-cfa7-050d28ed4067', told: [] },
  {
    stream: 'fifo',
    customer: 'b4f62181-60b4-1240-cfa7-050d28ed4067',
    told: ['bridged agent/agent at 1795309983523.027'],
  },
  { stream: 'explicit-call-id', customer: 'lead-4711-d9402ba1-645c-4974-af62-33dd23642c3e', told: [] },
  { stream: 'loopback-park-uuid-as-call-id', customer: '58931123-7954-475e-89eb-4337236fcda1', told: [] },
  {
    stream: 'customer-first-bridge-uuid-as-call-id',
    customer: '7c11696b-23c6-4948-8416-265783df154f',
    told: ['bridged agent/agent at 1795310033723.322', 'left'],
  },
  {
    stream: 'conference-agent-comes',
    customer: 'cust-0-3',
    told: ['bridged 2000/2000 at 1795355022998.891', 'left'],
  },
  {
    stream: 'conference-customer-comes',
    customer: 'cust-0-3',
    told: ['bridged 2000/2000 at 1795355055737.882', 'left'],
  },
];

const AMD: DispositionVariable = { variable: 'amd_result', human: ['HUMAN'], machine: ['MACHINE'], fax: ['FAX'] };

function shown(signal: PbxSignal): string {
  switch (signal.type) {
    case 'agent-bridged':
      return `bridged ${signal.agent.id}/${signal.agent.extension} at ${signal.bridgedAt}`;
    case 'agent-left':
      return 'left';
    case 'disposition':
      return `${signal.answeredBy} by ${signal.method}`;
    case 'agents-free':
      return `${signal.free} free in ${signal.queue}`;
  }
}

/** A mapper for a Brusio that watches these Call-IDs, and everything it tells. */
function mapping(customers: readonly string[], disposition: DispositionVariable | null = null) {
  const watched = new Set(customers);
  const mapper = new AgentMapper({
    watches: (call: WatchedCall) => call.by === 'call-id' && watched.has(call.value),
    disposition,
  });
  const told: string[] = [];
  const asked: string[] = [];
  const of = new Set<string>();
  const take = ({ signals, lookUps }: Mapped) => {
    told.push(...signals.map(shown));
    asked.push(...lookUps);
    for (const signal of signals) if (signal.type !== 'agents-free') of.add(signal.call.value);
  };
  return {
    mapper,
    told,
    asked,
    of,
    watched,
    event: (headers: RawHeaders) => take(mapper.event(headers)),
    dumped: (uuid: string, headers: RawHeaders | null) => take(mapper.dumped(uuid, headers)),
    members: (...members: Parameters<AgentMapper['conferenceMembers']>[0]) => take(mapper.conferenceMembers(members)),
    endResync: () => take(mapper.endResync()),
  };
}

/** Headers of a channel: `answered` at this stamp in µs, 0 for not yet. */
function channel(uuid: string, answered = 1_000_000, more: Record<string, string> = {}): Record<string, string> {
  return {
    'Unique-ID': uuid,
    'Channel-Name': `sofia/internal/${uuid}`,
    'Call-Direction': 'outbound',
    'Answer-State': answered > 0 ? 'answered' : 'early',
    'Caller-Channel-Answered-Time': String(answered),
    'Caller-Destination-Number': uuid,
    variable_sip_call_id: `${uuid}-call`,
    ...more,
  };
}

function event(name: string, headers: Record<string, string>, stamp = 2_000_000): RawHeaders {
  return new Map(Object.entries({ 'Event-Name': name, 'Event-Date-Timestamp': String(stamp), ...headers }));
}

const answer = (uuid: string, more: Record<string, string> = {}) =>
  event('CHANNEL_ANSWER', channel(uuid, 1_000_000, more));

function bridge(name: 'CHANNEL_BRIDGE' | 'CHANNEL_UNBRIDGE', a: string, b: string, stamp = 2_000_000): RawHeaders {
  const legs = { 'Bridge-A-Unique-ID': a, 'Bridge-B-Unique-ID': b };
  return event(
    name,
    { ...channel(a), 'Channel-Name': `${a.startsWith('loop') ? 'loopback' : 'sofia'}/${a}`, ...legs },
    stamp,
  );
}

function conference(action: string, uuid: string | null, more: Record<string, string> = {}): RawHeaders {
  return event('CUSTOM', {
    'Event-Subclass': 'conference::maintenance',
    'Conference-Unique-ID': 'room',
    Action: action,
    Speak: 'true',
    ...(uuid === null ? {} : { 'Unique-ID': uuid }),
    ...more,
  });
}

describe('captured ways of bringing callee and agent together', () => {
  it.each(WAYS)('$stream', ({ stream, customer, told }) => {
    const map = mapping([customer]);
    for (const headers of capturedEvents(stream)) map.event(headers);
    expect(map.told).toEqual(told);
    expect(map.asked).toEqual([]);
    expect(map.mapper.channels).toBe(0);
  });

  it.each(WAYS)('$stream tells nothing to a Brusio that does not have the call', ({ stream }) => {
    const map = mapping([]);
    for (const headers of capturedEvents(stream)) map.event(headers);
    expect(map.told).toEqual([]);
  });

  it.each(WAYS)('$stream says the same with every event doubled', ({ stream, customer, told }) => {
    const map = mapping([customer]);
    for (const headers of capturedEvents(stream).flatMap((one) => [one, one])) map.event(headers);
    expect(map.told).toEqual(told);
  });

  it.each(WAYS)('$stream with events lost and reordered names no wrong call and no wrong agent', (way) => {
    const events = capturedEvents(way.stream);
    const bridged = way.told[0];
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 3 }), { minLength: events.length, maxLength: events.length }),
        fc.array(fc.nat(events.length - 1), { maxLength: 10 }),
        (fate, swaps) => {
          const order = events.filter((_unused, index) => fate[index] !== 0);
          for (const at of swaps) {
            const [one, next] = [order[at], order[at + 1]];
            if (one !== undefined && next !== undefined) order.splice(at, 2, next, one);
          }
          const map = mapping([way.customer]);
          for (const headers of order) {
            map.event(headers);
            // The PBX answers what is asked: as it was at the channel's answer.
            for (const uuid of map.asked.splice(0)) map.dumped(uuid, lastOf(events, 'CHANNEL_ANSWER', uuid));
          }
          for (const told of map.told) {
            if (told !== 'left') expect(told.split(' at ')[0]).toBe(bridged?.split(' at ')[0]);
          }
          expect([...map.of].filter((callId) => callId !== way.customer)).toEqual([]);
          if (tellsBridge(order) && bridged !== undefined) expect(map.told).toContain(bridged);
        },
      ),
      { numRuns: 200 },
    );
  });
});

function lastOf(events: readonly RawHeaders[], name: string, uuid: string): RawHeaders | null {
  return (
    events.findLast((one) => headerValue(one, 'Event-Name') === name && headerValue(one, 'Unique-ID') === uuid) ?? null
  );
}

/** A bridge is told, and none of its legs is told to have ended before. */
function tellsBridge(order: readonly RawHeaders[]): boolean {
  const names = order.map((one) => headerValue(one, 'Event-Name'));
  const at = names.indexOf('CHANNEL_BRIDGE');
  return at !== -1 && !names.slice(0, at).some((name) => name === 'CHANNEL_HANGUP_COMPLETE');
}

describe('a bridge', () => {
  it('to a telephone that rings and sends early media is no agent until it is answered', () => {
    const map = mapping(['cust-call']);
    map.event(answer('cust'));
    map.event(bridge('CHANNEL_BRIDGE', 'cust', 'agent'));
    expect(map.asked).toEqual(['agent']);
    map.dumped('agent', event('CHANNEL_DATA', channel('agent', 0)));
    expect(map.told).toEqual([]);
    map.event(event('CHANNEL_ANSWER', channel('agent', 3_500_000), 3_500_000));
    expect(map.told).toEqual(['bridged agent/agent at 3500']);
  });

  it('of an agent to a callee that still rings is told at once', () => {
    const map = mapping(['cust-call']);
    map.event(answer('agent'));
    map.event(bridge('CHANNEL_BRIDGE', 'agent', 'cust'));
    map.dumped('cust', event('CHANNEL_DATA', channel('cust', 0)));
    expect(map.told).toEqual(['bridged agent/agent at 2000']);
  });

  it('of two callees is none', () => {
    const map = mapping(['a-call', 'b-call']);
    map.event(answer('a'));
    map.event(answer('b'));
    map.event(bridge('CHANNEL_BRIDGE', 'a', 'b'));
    expect(map.told).toEqual([]);
  });

  it('of two callees stays none when the call of one is over at Brusio and its channel is not', () => {
    const map = mapping(['a-call', 'b-call']);
    map.event(answer('a'));
    map.event(answer('b'));
    map.watched.delete('a-call');
    map.event(bridge('CHANNEL_BRIDGE', 'a', 'b'));
    expect(map.told).toEqual([]);
  });

  it('through a loopback leads to whoever is behind it', () => {
    const map = mapping(['cust-call']);
    const half = (uuid: string, other: string) =>
      answer(uuid, { 'Channel-Name': `loopback/${uuid}`, variable_other_loopback_leg_uuid: other });
    for (const headers of [answer('cust'), half('loop-a', 'loop-b'), half('loop-b', 'loop-a'), answer('agent')])
      map.event(headers);
    map.event(bridge('CHANNEL_BRIDGE', 'cust', 'loop-a'));
    expect(map.told).toEqual([]);
    map.event(bridge('CHANNEL_BRIDGE', 'loop-b', 'agent', 2_500_000));
    expect(map.told).toEqual(['bridged agent/agent at 2500']);
    map.event(bridge('CHANNEL_UNBRIDGE', 'loop-b', 'agent'));
    expect(map.told.at(-1)).toBe('left');
    expect(map.asked).toEqual([]);
  });

  it('that is followed by the next before its end is told is handed over', () => {
    const map = mapping(['cust-call']);
    for (const uuid of ['cust', 'one', 'two']) map.event(answer(uuid));
    map.event(bridge('CHANNEL_BRIDGE', 'cust', 'one'));
    map.event(bridge('CHANNEL_BRIDGE', 'cust', 'two', 2_500_000));
    map.event(bridge('CHANNEL_UNBRIDGE', 'cust', 'one'));
    expect(map.told).toEqual(['bridged one/one at 2000', 'bridged two/two at 2500']);
    map.event(bridge('CHANNEL_UNBRIDGE', 'cust', 'two'));
    expect(map.told.at(-1)).toBe('left');
  });

  it('whose other leg is gone when it is asked about is none', () => {
    const map = mapping(['cust-call']);
    map.event(answer('cust'));
    map.event(bridge('CHANNEL_BRIDGE', 'cust', 'agent'));
    map.dumped('agent', null);
    expect(map.told).toEqual([]);
    expect(map.mapper.channels).toBe(1);
  });

  it('without its two legs, or of names that no command may hold, is nothing', () => {
    const map = mapping(['cust-call']);
    map.event(event('CHANNEL_BRIDGE', { ...channel('cust'), 'Bridge-A-Unique-ID': 'cust' }));
    map.event(bridge('CHANNEL_BRIDGE', 'cust', 'x%0A%0Aapi%20shutdown'));
    map.event(event('CHANNEL_BRIDGE', {}));
    map.event(new Map());
    expect([map.told, map.asked]).toEqual([[], []]);
  });
});

describe('a conference', () => {
  const room = () => {
    const map = mapping(['cust-call', 'other-call']);
    for (const uuid of ['cust', 'other', 'agent']) map.event(answer(uuid));
    return map;
  };

  it('is an agent for its callee when a member who can be heard is no callee', () => {
    const map = room();
    map.event(conference('add-member', null));
    map.event(conference('add-member', 'cust'));
    map.event(conference('add-member', 'other'));
    expect(map.told).toEqual([]);
    map.event(conference('add-member', 'agent'));
    expect(map.told).toEqual(['bridged agent/agent at 2000', 'bridged agent/agent at 2000']);
    map.event(conference('del-member', 'agent'));
    expect(map.told.slice(2)).toEqual(['left', 'left']);
  });

  it('has its agent in it before the callee comes', () => {
    const map = room();
    map.event(conference('add-member', 'agent'));
    map.event(conference('add-member', 'cust'));
    expect(map.told).toEqual(['bridged agent/agent at 2000']);
    map.event(conference('mute-member', 'agent', { Speak: 'false' }));
    expect(map.told).toHaveLength(1);
  });

  it('where the other only listens is none until he may speak', () => {
    const map = room();
    map.event(conference('add-member', 'cust'));
    map.event(conference('add-member', 'agent', { Speak: 'false' }));
    expect(map.told).toEqual([]);
    map.event(conference('unmute-member', 'agent'));
    expect(map.told).toEqual(['bridged agent/agent at 2000']);
  });

  it('asks about members that it does not know', () => {
    const map = mapping(['cust-call']);
    map.event(conference('add-member', 'cust'));
    map.event(conference('add-member', 'agent'));
    expect(map.asked).toEqual(['cust', 'agent']);
    for (const uuid of map.asked) map.dumped(uuid, event('CHANNEL_DATA', channel(uuid)));
    expect(map.told).toEqual(['bridged agent/agent at 2000']);
  });
});

describe('an agent', () => {
  const bridgedTo = (headers: RawHeaders, ...more: readonly RawHeaders[]) => {
    const map = mapping(['cust-call']);
    for (const one of [answer('cust'), headers, ...more]) map.event(one);
    const { signals } = map.mapper.event(bridge('CHANNEL_BRIDGE', 'cust', 'agent'));
    return signals[0]?.type === 'agent-bridged' ? signals[0].agent : null;
  };

  it('who was called is known by the user that was dialled, and the name he answered with', () => {
    const headers = answer('agent', { variable_dialed_user: '1001', 'Caller-Callee-ID-Name': 'Anna%20Verdi' });
    expect(bridgedTo(headers)).toEqual({ id: '1001', name: 'Anna Verdi', extension: '1001' });
  });

  it('who called in is known by what he logged in with', () => {
    const inbound = { 'Call-Direction': 'inbound', 'Caller-Caller-ID-Number': '1002' };
    expect(bridgedTo(answer('agent', { ...inbound, 'Caller-Orig-Caller-ID-Name': 'Ugo' }))).toEqual({
      id: '1002',
      name: 'Ugo',
      extension: '1002',
    });
    expect(bridgedTo(answer('agent', { ...inbound, variable_user_name: 'ugo' }))?.extension).toBe('ugo');
  });

  it('of a queue who was on the line before is named by bridge-agent-start', () => {
    const started = event('CUSTOM', {
      ...channel('agent'),
      'Event-Subclass': 'callcenter::info',
      'CC-Action': 'bridge-agent-start',
      'CC-Agent': 'anna%40sales',
    });
    expect(bridgedTo(answer('agent'), started)).toEqual({ id: 'anna@sales', name: null, extension: 'agent' });
  });

  it('is told once of bridge-agent-start and the bridge together, at the bridge', () => {
    const map = mapping(['cust-call']);
    map.event(answer('cust'));
    map.event(
      event('CUSTOM', {
        ...channel('agent'),
        'Event-Subclass': 'callcenter::info',
        'CC-Action': 'bridge-agent-start',
        'CC-Agent': 'anna',
        'CC-Member-Session-UUID': 'cust',
      }),
    );
    expect(map.told).toEqual([]);
    map.event(bridge('CHANNEL_BRIDGE', 'cust', 'agent'));
    expect(map.told).toEqual(['bridged anna/agent at 2000']);
  });
});

describe('a disposition', () => {
  const amd = (value: string) => channel('cust', 1_000_000, { variable_amd_result: value });

  it('is told when its variable appears, and again only when it changes', () => {
    const map = mapping(['cust-call'], AMD);
    map.event(answer('cust'));
    map.event(event('CHANNEL_EXECUTE_COMPLETE', amd('NOTSURE')));
    map.event(event('CHANNEL_EXECUTE_COMPLETE', amd('machine')));
    map.event(event('CHANNEL_EXECUTE_COMPLETE', amd('machine')));
    map.event(event('CHANNEL_HANGUP_COMPLETE', amd('HUMAN')));
    expect(map.told).toEqual(['machine by amd_result=machine', 'human by amd_result=HUMAN']);
  });

  it('may come with the end of a channel whose call is over at Brusio, or of one never heard of', () => {
    const map = mapping(['cust-call'], AMD);
    map.event(answer('cust'));
    map.watched.clear();
    map.event(event('CHANNEL_HANGUP_COMPLETE', amd('FAX')));
    map.event(event('CHANNEL_HANGUP_COMPLETE', amd('FAX')));
    expect(map.told).toEqual(['fax by amd_result=FAX', 'fax by amd_result=FAX']);
    expect([...map.of]).toEqual(['cust-call']);
  });

  it('of a leg that is no callee is none', () => {
    const map = mapping(['cust-call'], AMD);
    map.event(answer('agent'));
    map.event(event('CHANNEL_HANGUP_COMPLETE', channel('agent', 1_000_000, { variable_amd_result: 'MACHINE' })));
    expect(map.told).toEqual([]);
  });

  it('of mod_avmd is asked for when it heard a beep', () => {
    const map = mapping(['cust-call'], { variable: 'avmd_detect', human: [], machine: ['TRUE'], fax: [] });
    map.event(answer('cust'));
    map.event(event('CUSTOM', { 'Event-Subclass': 'avmd%3A%3Abeep', 'Unique-ID': 'cust' }));
    expect(map.asked).toEqual(['cust']);
    map.dumped('cust', event('CHANNEL_DATA', channel('cust', 1_000_000, { variable_avmd_detect: 'TRUE' })));
    expect(map.told).toEqual(['machine by avmd_detect=TRUE']);
  });
});

describe('after the connection was cut', () => {
  const dump = (uuid: string, partner: string | null, bridgedUs = 5_000_000) =>
    event(
      'CHANNEL_DATA',
      channel(uuid, 1_000_000, {
        'Caller-Channel-Bridged-Time': String(bridgedUs),
        ...(partner === null ? {} : { variable_bridge_to: partner }),
      }),
    );

  it('a bridge that was made meanwhile is told with its own time, whichever leg is described first', () => {
    for (const order of [
      ['cust', 'agent'],
      ['agent', 'cust'],
    ]) {
      const map = mapping(['cust-call']);
      map.mapper.beginResync();
      for (const uuid of order) map.dumped(uuid, dump(uuid, uuid === 'cust' ? 'agent' : 'cust'));
      expect(map.told).toEqual(['bridged agent/agent at 5000']);
      map.endResync();
      expect(map.told).toHaveLength(1);
    }
  });

  it('a bridge that was told before is not told again, and one that ended is', () => {
    const map = mapping(['cust-call', 'other-call']);
    for (const uuid of ['cust', 'agent', 'other', 'second']) map.event(answer(uuid));
    map.event(bridge('CHANNEL_BRIDGE', 'cust', 'agent'));
    map.event(bridge('CHANNEL_BRIDGE', 'second', 'other'));
    expect(map.told).toHaveLength(2);
    map.mapper.beginResync();
    map.dumped('cust', dump('cust', 'agent'));
    map.dumped('agent', dump('agent', 'cust'));
    map.dumped('other', dump('other', null));
    expect(map.told).toHaveLength(2);
    map.endResync();
    expect(map.told.slice(2)).toEqual(['left']);
    expect(map.mapper.channels).toBe(3);
  });

  it('who is in a conference is known', () => {
    const map = mapping(['cust-call']);
    map.mapper.beginResync();
    map.members(
      { conference: 'room', uuid: 'cust', speaks: true },
      { conference: 'room', uuid: 'agent', speaks: true },
    );
    map.dumped('agent', dump('agent', null));
    map.dumped('cust', dump('cust', null));
    expect(map.told).toEqual(['bridged agent/agent at null']);
  });
});

it('remembers no more channels than the limit, and the oldest least', () => {
  const map = mapping([]);
  for (let index = 0; index < CHANNELS_MAX + 3; index += 1) map.event(answer(`c${index}`));
  expect(map.mapper.channels).toBe(CHANNELS_MAX);
  expect(map.mapper.evicted).toBe(3);
  expect([map.mapper.knows('c2'), map.mapper.knows('c3')]).toEqual([false, true]);
});
