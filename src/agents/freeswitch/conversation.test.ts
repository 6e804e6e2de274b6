import { describe, expect, it } from 'vitest';
import { elapsedMs } from '../../base/clock.ts';
import type { PbxSignal } from '../../guard/agent-source.ts';
import { type FakeClock, fakeClock } from '../../testing/fake-clock.ts';
import type { Conversation, SourceLink } from '../pbx-source.ts';
import { AUTH_REQUEST, eventFrame, type FakePbx, fakePbx, pbxAnswer } from '../testing/fake-event-socket.ts';
import { type FreeswitchServer, freeswitchConversations, RESYNC_WAIT_MS, SECOND_RESYNC_MS } from './conversation.ts';
import type { RawHeaders } from './event-headers.ts';
import { KNOCK_EVERY_MS, KNOCK_FOR_MS } from './knock.ts';
import { COUNT_AFTER_MS, COUNT_EVERY_MS } from './queue-counts.ts';

/** A channel's headers, answered, whose Call-ID is its name and `-call`. */
function channel(uuid: string, more: Record<string, string> = {}): RawHeaders {
  return new Map(
    Object.entries({
      'Event-Name': 'CHANNEL_DATA',
      'Unique-ID': uuid,
      'Channel-Name': `sofia/internal/${uuid}`,
      'Call-Direction': 'outbound',
      'Answer-State': 'answered',
      'Caller-Channel-Answered-Time': '1000000',
      'Caller-Destination-Number': uuid,
      variable_sip_call_id: `${uuid}-call`,
      ...more,
    }),
  );
}

const bridged = (uuid: string, to: string) =>
  channel(uuid, { variable_bridge_to: to, 'Caller-Channel-Bridged-Time': '2000000' });

const event = (name: string, headers: RawHeaders, more: Record<string, string> = {}) =>
  eventFrame(new Map([...headers, ['Event-Name', name], ['Event-Date-Timestamp', '3000000'], ...Object.entries(more)]));

const bridge = (a: string, b: string) =>
  event('CHANNEL_BRIDGE', channel(a), { 'Bridge-A-Unique-ID': a, 'Bridge-B-Unique-ID': b });

/** One source talking with a server in memory; `cust…` are calls of Brusio's. */
function talking(pbx: FakePbx, more: Partial<FreeswitchServer> = {}) {
  const clock: FakeClock = fakeClock();
  const converse = freeswitchConversations({
    clock,
    login: { user: null, password: 'ClueCon' },
    disposition: null,
    queues: [],
    ...more,
  });
  const said = { signals: [] as PbxSignal[], ready: 0, knocks: 0, failed: [] as string[], malformed: 0, events: 0 };
  const toAnswer: string[] = [];
  let conversation: Conversation | null = null;
  const link: SourceLink = {
    send(text) {
      if (text === '\n') said.knocks++;
      else toAnswer.push(...text.split('\n\n').slice(0, -1));
    },
    ready: () => void said.ready++,
    fail: (problem) => void said.failed.push(problem),
    signal: (signal) => void said.signals.push(signal),
    watches: (call) => call.value.startsWith('cust'),
    event: () => void said.events++,
    malformed: () => void said.malformed++,
  };
  const received = (text: string) => conversation?.received(Buffer.from(text));
  return {
    clock,
    said,
    toAnswer,
    received,
    /** The server answers all that it was asked, what its answers lead to included. */
    answers() {
      for (let next = toAnswer.shift(); next !== undefined; next = toAnswer.shift()) received(pbxAnswer(pbx, next));
    },
    connect() {
      conversation?.closed();
      toAnswer.length = 0;
      conversation = converse(link);
      received(AUTH_REQUEST);
    },
    beat: () => conversation?.beat(),
    close: () => conversation?.closed(),
    told: () =>
      said.signals.map((signal) => {
        if (signal.type === 'agents-free') return `${signal.queue} ${signal.free}`;
        return `${signal.type} ${signal.call.value}${signal.type === 'agent-bridged' ? ` ${signal.agent.id}` : ''}`;
      }),
  };
}

describe('a conversation with the event socket', () => {
  it('logs in, asks for just what it needs, filters first, and is ready when it knows what went before', () => {
    const pbx = fakePbx();
    const talk = talking(pbx);
    talk.connect();
    expect(talk.toAnswer).toEqual(['auth ClueCon']);
    talk.answers();
    expect(pbx.commands).toEqual([
      'auth ClueCon',
      'filter Event-Name CHANNEL_ANSWER',
      'filter Event-Name CHANNEL_BRIDGE',
      'filter Event-Name CHANNEL_UNBRIDGE',
      'filter Caller-Channel-Answered-Time /^[1-9]/',
      'filter variable_last_bridge_to /./',
      'filter Event-Subclass callcenter::info',
      'filter Action add-member',
      'filter Action del-member',
      'filter Action mute-member',
      'filter Action unmute-member',
      'filter Action hold-member',
      'filter Action unhold-member',
      'filter Action -start-talking',
      'filter Action -stop-talking',
      'filter Action -floor-change',
      'filter CC-Action -members-count',
      'event plain CHANNEL_ANSWER CHANNEL_BRIDGE CHANNEL_UNBRIDGE CHANNEL_HANGUP_COMPLETE CUSTOM callcenter::info conference::maintenance',
      'api conference json_list',
      'api show channels as json',
    ]);
    expect([talk.said.ready, talk.said.failed, talk.said.malformed]).toEqual([1, [], 0]);
  });

  it('knocks, so that an event does not lie in the socket, for as long as somebody may wait for an agent', () => {
    const talk = talking(fakePbx());
    talk.connect();
    talk.answers();
    talk.clock.advance(60_000);
    const afterLogin = talk.said.knocks;
    expect(afterLogin).toBe(KNOCK_FOR_MS / KNOCK_EVERY_MS);
    talk.received(bridge('cust1', 'agent1'));
    talk.clock.advance(60_000);
    expect(talk.said.knocks).toBe(afterLogin);
    talk.received(event('CHANNEL_ANSWER', channel('cust1')));
    talk.clock.advance(1_000);
    talk.received(event('CHANNEL_ANSWER', channel('cust2')));
    talk.clock.advance(60_000);
    expect(talk.said.knocks).toBe(2 * afterLogin + 1_000 / KNOCK_EVERY_MS);
    talk.received(event('CHANNEL_ANSWER', channel('cust3')));
    talk.close();
    talk.clock.advance(60_000);
    expect(talk.said.knocks).toBe(2 * afterLogin + 1_000 / KNOCK_EVERY_MS);
  });

  it('asks for what a disposition needs only where one is looked for', () => {
    const pbx = fakePbx();
    const talk = talking(pbx, { disposition: { variable: 'amd_result', human: [], machine: ['MACHINE'], fax: [] } });
    talk.connect();
    talk.answers();
    expect(pbx.commands).toContain('filter variable_amd_result /./');
    expect(pbx.commands.find((command) => command.startsWith('event'))).toMatch(
      /CHANNEL_EXECUTE_COMPLETE CUSTOM .*avmd::beep$/,
    );
  });

  it('logs in as a user of the directory where the settings name one', () => {
    const pbx = fakePbx('s');
    const talk = talking(pbx, { login: { user: 'brusio@default', password: 's' } });
    talk.connect();
    talk.answers();
    expect(pbx.commands[0]).toBe('userauth brusio@default:s');
    expect(talk.said.ready).toBe(1);
  });

  it('ends at a refused password and a refused address, each in plain words, and takes a goodbye for what it is', () => {
    const talk = talking(fakePbx('other'));
    talk.connect();
    talk.answers();
    expect(talk.said.failed).toEqual(['it refused the password']);
    talk.received('Content-Type: text/rude-rejection\nContent-Length: 24\n\nAccess Denied, go away.\n');
    expect(talk.said.failed[1]).toContain('apply-inbound-acl');
    talk.received('Content-Type: text/disconnect-notice\nContent-Length: 5\n\nbye.\n');
    expect([talk.said.failed.length, talk.said.malformed]).toEqual([2, 0]);
    expect(talk.said.ready).toBe(0);
  });

  it('ends when its user may not ask what it must ask, and says what', () => {
    const pbx = fakePbx();
    pbx.denied = /^api show/;
    const talk = talking(pbx);
    talk.connect();
    talk.answers();
    expect(talk.said.failed).toEqual(['its user may not use "api show"']);
    expect(talk.said.ready).toBe(0);
  });

  it('tells of a bridge as its event comes, and asks about a leg that it does not know', () => {
    const pbx = fakePbx();
    pbx.channels.set('agent', channel('agent'));
    const talk = talking(pbx);
    talk.connect();
    talk.answers();
    talk.received(event('CHANNEL_ANSWER', channel('cust1')));
    talk.received(bridge('cust1', 'agent'));
    expect(talk.told()).toEqual(['agent-bridged cust1-call agent']);
    talk.received(bridge('cust2', 'second'));
    pbx.channels.set('second', channel('second'));
    expect(talk.toAnswer).toEqual(['api uuid_dump second']);
    talk.answers();
    expect(talk.told()[1]).toBe('agent-bridged cust2-call second');
    expect(talk.said.events).toBe(3);
  });

  it('knows after a cut what was bridged and what was ended meanwhile', () => {
    const pbx = fakePbx();
    for (const uuid of ['cust1', 'cust2', 'agent1', 'agent2']) pbx.channels.set(uuid, channel(uuid));
    const talk = talking(pbx);
    talk.connect();
    talk.answers();
    talk.received(bridge('cust2', 'agent2'));
    talk.close();
    pbx.channels.set('cust1', bridged('cust1', 'agent1'));
    pbx.channels.set('agent1', bridged('agent1', 'cust1'));
    pbx.channels.delete('agent2');
    talk.connect();
    talk.answers();
    expect(talk.told()).toEqual([
      'agent-bridged cust2-call agent2',
      'agent-bridged cust1-call agent1',
      'agent-left cust2-call',
    ]);
    expect(talk.said.signals[1]).toMatchObject({ bridgedAt: 2_000 });
    expect(talk.said.ready).toBe(2);
  });

  it('asks about the newest calls first, and about those that ring last', () => {
    const pbx = fakePbx();
    pbx.channels.set('ringing-old', channel('ringing-old', { 'Answer-State': 'ringing' }));
    for (const uuid of ['old', 'new']) pbx.channels.set(uuid, channel(uuid));
    pbx.channels.set('ringing-new', channel('ringing-new', { 'Answer-State': 'ringing' }));
    const talk = talking(pbx);
    talk.connect();
    talk.answers();
    const dumps = pbx.commands.filter((command) => command.startsWith('api uuid_dump'));
    expect(dumps.map((command) => command.slice(14))).toEqual(['new', 'old', 'ringing-new', 'ringing-old']);
  });

  it('looks a second time for channels that the list did not have yet', () => {
    const pbx = fakePbx();
    const talk = talking(pbx);
    talk.connect();
    talk.answers();
    pbx.channels.set('cust1', bridged('cust1', 'agent1'));
    pbx.channels.set('agent1', bridged('agent1', 'cust1'));
    talk.clock.advance(SECOND_RESYNC_MS);
    talk.answers();
    expect(talk.told()).toEqual(['agent-bridged cust1-call agent1']);
  });

  it('knows who is in a conference', () => {
    const pbx = fakePbx();
    for (const uuid of ['cust1', 'agent1']) pbx.channels.set(uuid, channel(uuid));
    const members = ['cust1', 'agent1'].map((uuid) => ({ type: 'caller', uuid, flags: { can_speak: true } }));
    const recording = { type: 'recording_node', record_path: '/r.wav' };
    pbx.conferences = JSON.stringify([{ conference_uuid: 'room', members: [recording, ...members] }]);
    const talk = talking(pbx);
    talk.connect();
    talk.answers();
    expect(talk.told()).toEqual(['agent-bridged cust1-call agent1']);
  });

  it('is ready within a time when the list is very long, and not before the list has come', () => {
    const pbx = fakePbx();
    for (let index = 0; index < 40; index += 1) pbx.channels.set(`c${index}`, channel(`c${index}`));
    const talk = talking(pbx);
    talk.connect();
    const answerOne = () => talk.received(pbxAnswer(pbx, talk.toAnswer.shift() ?? ''));
    while (!pbx.commands.includes('api conference json_list')) answerOne();
    talk.clock.advance(RESYNC_WAIT_MS * 2);
    expect(talk.said.ready).toBe(0);
    answerOne();
    expect(talk.toAnswer).toHaveLength(16);
    answerOne();
    talk.clock.advance(RESYNC_WAIT_MS);
    expect(talk.said.ready).toBe(1);
  });

  it('gives a sign of life when it is asked for one', () => {
    const pbx = fakePbx();
    const talk = talking(pbx);
    talk.connect();
    talk.answers();
    talk.beat();
    expect(talk.toAnswer).toEqual(['api strepoch']);
    talk.answers();
    expect(talk.said.malformed).toBe(0);
  });

  it('counts what it cannot read, and ends when it can read no more', () => {
    const talk = talking(fakePbx());
    talk.connect();
    talk.answers();
    talk.received('Content-Type: text/event-xml\nContent-Length: 3\n\n<a>');
    talk.received('Content-Type: text/event-plain\nContent-Length: 5\n\nA: b\n');
    talk.received('Content-Type: command/reply\nReply-Text: +OK nobody asked\n\n');
    talk.received(
      event('CHANNEL_ANSWER', channel('cust1'))
        .replace('Unique-ID', 'no colon\nUnique-ID')
        .replace(/Content-Length: (\d+)/, (_all, length) => `Content-Length: ${Number(length) + 9}`),
    );
    expect(talk.said.malformed).toBe(4);
    expect(talk.said.failed).toEqual([]);
    talk.received('Content-Length: x\n\n');
    expect(talk.said.failed[0]).toContain('Content-Length');
  });

  it('leaves no timer behind', () => {
    const pbx = fakePbx();
    pbx.queues.set('sales', '+OK\n');
    const talk = talking(pbx, { queues: ['sales'] });
    talk.connect();
    talk.answers();
    expect(talk.clock.pendingTimers()).toBeGreaterThan(0);
    talk.close();
    expect(talk.clock.pendingTimers()).toBe(0);
  });
});

describe('free agents of a queue', () => {
  const COLUMNS = 'name|contact|status|state|wrap_up_time|last_bridge_end|ready_time|external_calls_count';
  const listing = (...agents: readonly string[]) => `${[COLUMNS, ...agents].join('\n')}\n+OK\n`;
  const change = eventFrame(
    new Map([
      ['Event-Name', 'CUSTOM'],
      ['Event-Subclass', 'callcenter%3A%3Ainfo'],
      ['CC-Action', 'agent-state-change'],
    ]),
  );

  it('are counted at the start, soon after a change, and every few seconds', () => {
    const pbx = fakePbx();
    pbx.queues.set(
      'sales@default',
      listing('anna|user/1|Available|Waiting|10|0|0|0', 'ugo|user/2|Logged Out|Waiting|0|0|0|0'),
    );
    const talk = talking(pbx, { queues: ['sales@default'] });
    talk.connect();
    talk.answers();
    expect(talk.told()).toEqual(['sales@default 1']);
    pbx.queues.set('sales@default', listing('anna|user/1|Available|In a queue call|10|0|0|0'));
    talk.received(change + change + change);
    const from = talk.clock.monotonicMs();
    talk.clock.advance(COUNT_AFTER_MS);
    expect(talk.toAnswer.filter((command) => command.includes('callcenter_config'))).toHaveLength(1);
    talk.answers();
    expect(talk.told()).toEqual(['sales@default 1', 'sales@default 0']);
    talk.clock.advance(COUNT_EVERY_MS);
    talk.answers();
    expect(talk.told()).toHaveLength(3);
    expect(elapsedMs(from, talk.clock.monotonicMs())).toBe(COUNT_AFTER_MS + COUNT_EVERY_MS);
  });

  it('of a server without mod_callcenter are not told', () => {
    const talk = talking(fakePbx(), { queues: ['sales'] });
    talk.connect();
    talk.answers();
    expect(talk.told()).toEqual([]);
    expect([talk.said.ready, talk.said.failed]).toEqual([1, []]);
  });
});
