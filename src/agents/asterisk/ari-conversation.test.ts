import { afterEach, describe, expect, it } from 'vitest';
import { ASTERISK_CAPTURES, ariCapture } from '../testing/asterisk-captures.ts';
import { type FakeAriState, startFakeAri } from '../testing/fake-ari.ts';
import { NO_LINK, startedSource } from '../testing/source-under-test.ts';
import { ariConversations } from './ari-conversation.ts';
import { ariWire } from './ari-wire.ts';

const callId = ASTERISK_CAPTURES.find(({ name }) => name === 'queue')?.callId ?? '';
const lines = ariCapture('queue');
/** The event by which the customer enters the agent's bridge. */
const bridging = lines.findLastIndex((line) => line.includes('"type":"ChannelEnteredBridge"'));

const stops: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

async function connected(state: Partial<FakeAriState> = {}) {
  const ari = await startFakeAri({ password: 'a-secret', channels: [], bridges: [], isSilent: false, ...state });
  const place = { url: `${ari.url}/`, username: 'brusio', password: 'a-secret', application: 'brusio' };
  const converse = ariConversations({ application: 'brusio', disposition: null });
  const started = startedSource(ariWire(place), converse, ({ value }) => value === callId);
  stops.push(async () => {
    await started.source.stop();
    await ari.stop();
  });
  return { ari, ...started };
}

describe('a source that watches ARI', () => {
  it('subscribes to everything, asks for the events it needs, and tells of the agent', async () => {
    const { ari, isUp, signals, source } = await connected();
    await isUp();
    expect(ari.requests.slice(0, 2)).toEqual([
      'GET /ari/asterisk/info?only=status',
      'UPGRADE /ari/events?app=brusio&subscribeAll=true',
    ]);
    const filter = ari.requests.find((one) => one.startsWith('PUT /ari/applications/brusio/eventFilter'));
    expect(filter).toContain('{"type":"ChannelEnteredBridge"}');
    expect(filter).not.toContain('ChannelVarset');
    for (const line of lines) ari.say(line);
    await expect.poll(() => signals.map(({ type }) => type)).toEqual(['agent-bridged', 'agent-left']);
    // What comes after the agent has left is read too, a moment later.
    await expect.poll(() => source.status()).toMatchObject({ events: lines.length, malformed: 0, problem: null });
  });

  it('says plainly why it is down: a wrong password, no server, and then connects', async () => {
    const { ari, isDown, isUp, source } = await connected({ password: 'another' });
    await isDown(/HTTP 401/);
    ari.state.password = 'a-secret';
    await isUp();
    await source.stop();
    await ari.stop();
    stops.length = 0;
    const gone = startedSource(
      ariWire({ url: ari.url, username: 'brusio', password: 'a-secret', application: 'brusio' }),
      ariConversations({ application: 'brusio', disposition: null }),
      () => false,
    );
    stops.push(() => gone.source.stop());
    await gone.isDown(/ECONNREFUSED/);
  });

  it('says so when another client takes its application', async () => {
    const { ari, isUp, isDown } = await connected();
    await isUp();
    ari.say('{"type":"ApplicationReplaced","application":"brusio","timestamp":"2026-11-22T01:13:16.842+0000"}');
    await isDown(/each Brusio one of its own/);
  });

  it('asks for a sign of life when it is beaten', () => {
    const sent: string[] = [];
    const link = { send: (text: string) => void sent.push(text) };
    const conversation = ariConversations({ application: 'brusio', disposition: null })({ ...NO_LINK, ...link });
    conversation.beat();
    expect(JSON.parse(sent.at(-1) ?? '')).toMatchObject({ method: 'GET', uri: 'asterisk/info?only=status' });
  });

  it('connects again after a cut in the middle of an event, and knows who was bridged meanwhile', async () => {
    const { ari, isUp, signals, source } = await connected();
    await isUp();
    for (const line of lines.slice(0, bridging)) ari.say(line);
    await expect.poll(() => source.status().events).toBe(bridging);
    const events = lines.slice(0, bridging + 1).map((line) => JSON.parse(line));
    ari.state.bridges = [events[bridging].bridge];
    ari.state.channels = [
      events[bridging].channel,
      events.findLast(({ channel }) => channel?.name.startsWith('PJSIP/agent')).channel,
    ];
    ari.cut();
    await expect.poll(() => source.status().reconnects).toBe(1);
    await isUp();
    expect(signals).toMatchObject([
      { type: 'agent-bridged', call: { by: 'call-id', value: callId }, agent: { id: 'PJSIP/agent' }, bridgedAt: null },
    ]);
    for (const line of lines.slice(bridging + 1)) ari.say(line);
    await expect.poll(() => signals.at(-1)?.type).toBe('agent-left');
    expect(source.status()).toMatchObject({ reconnects: 1, malformed: 0 });
  });
});
