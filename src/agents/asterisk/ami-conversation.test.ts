import { afterEach, describe, expect, it } from 'vitest';
import { tcpWire } from '../tcp-wire.ts';
import { ASTERISK_CAPTURES, amiCapture } from '../testing/asterisk-captures.ts';
import { type FakeAmi, type FakeAmiState, startFakeAmi } from '../testing/fake-ami.ts';
import { NO_LINK, startedSource } from '../testing/source-under-test.ts';
import { amiConversations } from './ami-conversation.ts';

const NAMING = { callIdVariable: 'SIPCALLID', referenceVariable: null, isUniqueidReference: false, isVicidial: false };
const LOGIN = { username: 'brusio', secret: 'a-secret', naming: NAMING, queues: [], disposition: null };
const EMPTY = { BridgeList: [], CoreShowChannels: [], MeetmeList: [], QueueStatus: [] };

const callId = ASTERISK_CAPTURES.find(({ name }) => name === 'queue')?.callId ?? '';
const capture = amiCapture('queue').toString('utf8');
/** Where the customer enters the agent's bridge. */
const bridging = capture.indexOf('Event: BridgeEnter', capture.indexOf('Event: BridgeEnter') + 1);

const stops: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

async function connected(
  state: Partial<FakeAmiState> = {},
): Promise<{ ami: FakeAmi } & ReturnType<typeof startedSource>> {
  const ami = await startFakeAmi({ secret: 'a-secret', lists: { ...EMPTY }, isSilent: false, ...state });
  const open = tcpWire({ host: '127.0.0.1', port: ami.port });
  const started = startedSource(open, amiConversations(LOGIN), ({ value }) => value === callId);
  stops.push(async () => {
    await started.source.stop();
    await ami.stop();
  });
  return { ami, ...started };
}

/** The items that CoreShowChannels and BridgeList give while the customer is with the agent. */
function listsWhileBridged(): Record<string, readonly string[]> {
  const channel = (name: string, uniqueid: string, variable: string) =>
    `Event: CoreShowChannel\r\nChannel: ${name}\r\nChannelState: 6\r\nUniqueid: ${uniqueid}\r\nChanVariable: SIPCALLID=${variable}\r\nBridgeId: b1\r\n`;
  return {
    ...EMPTY,
    BridgeList: [
      'Event: BridgeListItem\r\nBridgeUniqueid: b1\r\nBridgeType: basic\r\nBridgeTechnology: simple_bridge\r\n',
    ],
    CoreShowChannels: [
      channel('PJSIP/guard-00000004', 'brusio-peer-1795309996.4', callId),
      channel('PJSIP/agent-00000005', 'brusio-peer-1795309999.5', ''),
    ],
  };
}

describe('a source that watches AMI', () => {
  it('logs in by challenge, looks at what there is, and tells of the agent', async () => {
    const { ami, isUp, signals, source } = await connected();
    await isUp();
    expect(ami.actions).toEqual(['Challenge', 'Login', 'BridgeList', 'CoreShowChannels', 'MeetmeList', 'QueueStatus']);
    ami.say(capture);
    await expect.poll(() => signals.map(({ type }) => type)).toContain('agent-left');
    expect(signals.filter(({ type }) => type === 'agent-bridged')).toHaveLength(1);
    expect(source.status()).toMatchObject({ malformed: 0, problem: null });
    expect(source.status().events).toBeGreaterThan(90);
  });

  it('says plainly why it is down: a wrong secret', async () => {
    const { ami, isDown, isUp } = await connected({ secret: 'another' });
    await isDown(/login refused: Authentication failed/);
    ami.state.secret = 'a-secret';
    await isUp();
  });

  it('says plainly why it is down: a user without the right to look', async () => {
    const { isDown } = await connected({ lists: { BridgeList: [] } });
    await isDown(/CoreShowChannels refused, which needs write = reporting: Permission denied/);
  });

  it('needs neither MeetMe nor queues', async () => {
    const { isUp } = await connected({ lists: { BridgeList: [], CoreShowChannels: [] } });
    await isUp();
  });

  it('asks for a sign of life when it is beaten', () => {
    const sent: string[] = [];
    const link = { send: (text: string) => void sent.push(text) };
    amiConversations(LOGIN)({ ...NO_LINK, ...link }).beat();
    expect(sent).toEqual(['Action: Ping\r\nActionID: brusio-Ping\r\n\r\n']);
  });

  it('connects again after a cut in the middle of an event, and knows who was bridged meanwhile', async () => {
    const { ami, isUp, signals, source } = await connected();
    await isUp();
    ami.say(capture.slice(0, bridging + 40));
    await expect.poll(() => source.status().events).toBeGreaterThan(20);
    expect(signals.map(({ type }) => type)).not.toContain('agent-bridged');
    ami.state.lists = listsWhileBridged();
    ami.cut();
    await expect.poll(() => source.status().reconnects).toBe(1);
    await isUp();
    expect(signals.filter(({ type }) => type === 'agent-bridged')).toMatchObject([
      { call: { by: 'call-id', value: callId }, agent: { id: 'PJSIP/agent' }, bridgedAt: null },
    ]);
  });
});
