import { beforeEach, describe, expect, it } from 'vitest';
import type { CallEvent } from '../call/call-event.ts';
import { eventOf } from '../testing/call-samples.ts';
import { type FakeClock, fakeClock } from '../testing/fake-clock.ts';
import {
  callIdOf,
  type FakeMedia,
  type FakeSignaling,
  fakeMedia,
  fakeSignaling,
  fakeStore,
} from '../testing/fake-ports.ts';
import { sampleGuardParts } from '../testing/guard-parts.ts';
import type { GuardEvent } from './event-port.ts';
import { createGuardCore, type Guard } from './guard.ts';

let clock: FakeClock;
let media: FakeMedia;
let signaling: FakeSignaling;
let guard: Guard;
let told: GuardEvent[];

const settle = () => new Promise((resolve) => setImmediate(resolve));
const now = (event: CallEvent): CallEvent => ({ ...event, at: clock.now() });

beforeEach(async () => {
  [clock, told] = [fakeClock(), []];
  media = fakeMedia([]);
  signaling = fakeSignaling([]);
  const parts = { clock, media, store: fakeStore([]), signaling, agentSources: [] };
  guard = createGuardCore({ ...sampleGuardParts({ ...parts, trace: [] }), onEvent: (event) => void told.push(event) });
  await guard.start();
});

async function placed(invite: Parameters<FakeSignaling['invite']>[0] = {}) {
  const { sink } = signaling.invite({ ...invite, at: clock.now() });
  await settle();
  return sink ?? expect.fail('refused');
}

describe('what the guard tells of a call', () => {
  it('is its answer with the end of its wait, the first sound, the silent outcome', async () => {
    const sink = await placed();
    expect(told).toEqual([]);
    sink.event(now(eventOf('callee-answered', 0)));
    const callId = callIdOf(sink);
    media.emit({ type: 'ambience-started', callId, afterMs: 0.874 });
    clock.advance(3000);
    await settle();
    const at = Date.parse('2026-11-20T09:00:00.000Z');
    expect(told).toMatchObject([
      {
        ...{ type: 'call.answered', at },
        data: {
          ...{ callId, state: 'waiting', number: '+39333•••4567' },
          ...{ answeredAt: '2026-11-20T09:00:00.000Z', waitEndsAt: '2026-11-20T09:00:03.000Z' },
        },
      },
      { type: 'call.comfort_noise_started', at, data: { callId, campaign: 'default', startedAfterMs: 0.87 } },
      { type: 'call.outcome', at: at + 3000, data: { callId, class: 'A', handling: 'silent' } },
    ]);
    expect(told).toHaveLength(3);
  });

  it('is answer and agent in one turn when the agent was there first', async () => {
    const agent = { id: '1001', source: 'invite-header' } as const;
    const sink = await placed({ agent });
    sink.event(now(eventOf('callee-answered', 0)));
    sink.event(now({ ...eventOf('callee-answered', 0), type: 'agent-bridged', agent } as CallEvent));
    expect(told).toMatchObject([
      { type: 'call.answered', data: { state: 'bridged', waitEndsAt: null } },
      { type: 'call.agent_bridged', data: { state: 'bridged', agent: { id: '1001' } } },
    ]);
    expect(told).toHaveLength(2);
  });

  it('is a refusal with its rule, but of those that come by the thousand only their count', async () => {
    signaling.invite({ campaign: 'unknown', at: clock.now() });
    signaling.invite({ sourceAddress: '192.0.2.66', caller: null, at: clock.now() });
    await settle();
    expect(told.map(({ type }) => type)).toEqual(['call.refused', 'call.outcome']);
    expect(told[0]).toMatchObject({ data: { rule: 'campaign', sipStatus: 403, number: '+39333•••4567' } });
    expect(guard.counts().refused).toEqual({ campaign: 1, source: 1 });
    expect(JSON.stringify(told)).not.toContain('+393331234567');
  });
});
