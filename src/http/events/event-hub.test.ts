import { beforeEach, describe, expect, it } from 'vitest';
import type { CallId } from '../../call/call-facts.ts';
import type { OutcomeRecord } from '../../policy/outcome-record.ts';
import { type FakeClock, fakeClock } from '../../testing/fake-clock.ts';
import { SAMPLE_STATE } from '../testing/live-samples.ts';
import {
  createEventHub,
  type EventHub,
  type EventReader,
  FLUSH_EVENTS_MAX,
  FLUSH_MS,
  FLUSH_PAUSE_MS,
  READER_QUEUE_OCTETS_MAX,
  READERS_MAX,
  RESUME_MS,
} from './event-hub.ts';
import type { LiveEvent } from './live-event.ts';
import { type LiveState, watchLiveState } from './live-state.ts';

const RING = 16;

let clock: FakeClock;
let state: LiveState;
let hub: EventHub;

beforeEach(() => {
  [clock, state] = [fakeClock(), SAMPLE_STATE];
  hub = createEventHub(
    clock,
    watchLiveState(() => state),
    'run',
    RING,
  );
});

/** A browser with a socket that takes everything, unless it is told to be stuck. */
function reader() {
  const seen = { text: '', closed: false, queued: 0, allowed: true };
  const one: EventReader = {
    write(octets) {
      seen.text += octets.toString();
    },
    queuedOctets: () => seen.queued,
    isAllowed: () => seen.allowed,
    close() {
      seen.closed = true;
    },
  };
  return Object.assign(seen, { one, ids: () => [...seen.text.matchAll(/^id: (.+)$/gm)].map(([, id]) => id) });
}

const noise = (n = 0): LiveEvent => ({
  type: 'call.comfort_noise_started',
  at: clock.now().wallMs,
  data: { callId: `call-${n}` as CallId, campaign: 'luce', startedAfterMs: 0.8 },
});

describe('a reader', () => {
  it('is told what happens from now on, together with what happens in the same moment', () => {
    hub.tell(noise());
    const browser = reader();
    expect(hub.read(browser.one, null)).toBe(true);
    hub.tell(noise(1));
    hub.tell(noise(2));
    expect(browser.text).toBe('retry: 2000\n\n');
    clock.advance(FLUSH_MS);
    expect(browser.text).toBe(
      `retry: 2000\n\n${[1, 2]
        .map(
          (n) =>
            `id: run-${n}\nevent: call.comfort_noise_started\ndata: {"type":"call.comfort_noise_started",` +
            `"timestamp":"2026-11-20T09:00:00.000Z","data":{"callId":"call-${n}","campaign":"luce","startedAfterMs":0.8}}\n\n`,
        )
        .join('')}`,
    );
  });

  it('reads on after the last event it saw, once each', () => {
    const first = reader();
    hub.read(first.one, null);
    for (const n of [1, 2, 3]) hub.tell(noise(n));
    clock.advance(FLUSH_MS);
    hub.forget(first.one);
    hub.tell(noise(4));
    const again = reader();
    hub.read(again.one, 'run-2');
    clock.advance(FLUSH_MS);
    expect(again.ids()).toEqual(['run-3', 'run-4']);
    expect(again.text).not.toContain('stream.gap');
  });

  it('reads on from where an overview was taken', () => {
    const position = hub.position();
    hub.tell(noise(1));
    const browser = reader();
    hub.read(browser.one, position);
    clock.advance(FLUSH_MS);
    expect(browser.ids()).toEqual(['run-1']);
  });

  it.each([
    ['of an earlier process', () => 'before-1'],
    ['that nobody wrote', () => 'run-99'],
    [
      'that has fallen out of the ring',
      () => {
        for (let n = 0; n < RING + 2; n++) hub.tell(noise(n));
        return 'run-1';
      },
    ],
    [
      'after which nobody read for too long',
      () => {
        const id = hub.position();
        clock.advance(RESUME_MS + 2_000);
        hub.tell(noise());
        return id;
      },
    ],
  ])('is told of a gap when it asks for what came after an event %s', (_what, prepare) => {
    hub.position();
    const browser = reader();
    hub.read(browser.one, prepare());
    expect(browser.text).toContain('event: stream.gap\ndata: {"type":"stream.gap"');
    hub.tell(noise());
    clock.advance(FLUSH_MS);
    expect(browser.ids()).toHaveLength(1);
  });

  it('gets so many events a turn, and the rest in the next', () => {
    const wide = createEventHub(
      clock,
      watchLiveState(() => state),
      'run',
      4_096,
    );
    const browser = reader();
    wide.read(browser.one, null);
    for (let n = 0; n < FLUSH_EVENTS_MAX + 1; n++) wide.tell(noise(n));
    clock.advance(FLUSH_MS);
    expect(browser.ids()).toHaveLength(FLUSH_EVENTS_MAX);
    clock.advance(FLUSH_PAUSE_MS);
    expect(browser.ids()).toHaveLength(FLUSH_EVENTS_MAX + 1);
  });

  it('that is slow waits with what its socket holds, and is cut off when it falls out of the ring; others go on', () => {
    const [slow, quick] = [reader(), reader()];
    hub.read(slow.one, null);
    hub.read(quick.one, null);
    slow.queued = READER_QUEUE_OCTETS_MAX + 1;
    for (let n = 0; n < RING; n++) hub.tell(noise(n));
    clock.advance(FLUSH_MS);
    expect([slow.ids().length, slow.closed, quick.ids().length]).toEqual([0, false, RING]);
    hub.tell(noise());
    clock.advance(FLUSH_MS);
    expect([slow.closed, quick.closed, quick.ids().length]).toEqual([true, false, RING + 1]);
    expect(hub.stats()).toMatchObject({ readers: 1, slow: 1 });
  });

  it('that catches up in time misses nothing', () => {
    const browser = reader();
    hub.read(browser.one, null);
    browser.queued = READER_QUEUE_OCTETS_MAX + 1;
    hub.tell(noise());
    clock.advance(FLUSH_MS);
    expect(browser.ids()).toEqual([]);
    browser.queued = 0;
    clock.advance(FLUSH_MS);
    expect(browser.ids()).toEqual(['run-1']);
  });

  it('hears from the server every 15 s, and is cut off when its socket never empties', () => {
    const [idle, stuck] = [reader(), reader()];
    hub.read(idle.one, null);
    hub.read(stuck.one, null);
    stuck.queued = 1;
    clock.advance(15_000);
    expect(idle.text).toBe('retry: 2000\n\n: \n\n');
    clock.advance(30_000);
    expect([idle.closed, stuck.closed]).toEqual([false, true]);
  });

  it('is cut off when its session is over', () => {
    const browser = reader();
    hub.read(browser.one, null);
    browser.allowed = false;
    clock.advance(15_000);
    expect(browser.closed).toBe(true);
    expect(hub.stats()).toMatchObject({ readers: 0, slow: 0 });
  });

  it('is sent away when there are as many as may be', () => {
    for (let n = 0; n < READERS_MAX; n++) expect(hub.read(reader().one, null)).toBe(true);
    const late = reader();
    expect(hub.read(late.one, null)).toBe(false);
    expect(late.text).toBe('');
    expect(hub.stats()).toMatchObject({ readers: READERS_MAX, refused: 1 });
  });
});

describe('the state', () => {
  it('is told when it has changed', () => {
    const browser = reader();
    hub.read(browser.one, null);
    clock.advance(1_500);
    expect(browser.ids()).toEqual([]);
    const { health } = SAMPLE_STATE;
    state = {
      health: { ...health, store: { writable: false, problem: 'disk full' } },
      refusals: { refused: { campaign: 2 }, breaches: [] },
    };
    clock.advance(1_500);
    expect(browser.text).toContain('event: health\ndata: {"type":"health","timestamp":"2026-11-20T09:00:02.000Z"');
    expect(browser.text).toContain('"store":{"writable":false,"problem":"disk full"}');
    expect(browser.text).toContain('"data":{"refused":{"campaign":2},"breaches":[]}');
    expect(browser.ids()).toHaveLength(2);
  });
});

describe('while nobody reads', () => {
  it('nothing is kept, and no timer runs', () => {
    hub.tell(noise());
    expect(hub.stats().events).toBe(0);
    expect(clock.pendingTimers()).toBe(0);
    const browser = reader();
    hub.read(browser.one, null);
    hub.forget(browser.one);
    clock.advance(RESUME_MS + 2_000);
    expect(clock.pendingTimers()).toBe(0);
  });

  it('nor after the end', () => {
    const browser = reader();
    hub.read(browser.one, null);
    hub.stop();
    expect(browser.closed).toBe(true);
    expect(hub.read(reader().one, null)).toBe(false);
    hub.position();
    expect(clock.pendingTimers()).toBe(0);
  });
});

describe('what is told of a call that came in', () => {
  it('has its caller masked: that is the person', () => {
    const browser = reader();
    hub.read(browser.one, null);
    const data = { callId: 'call-1', kind: 'inbound', callerId: '+393331234567', number: '+39021•••4567' };
    hub.tell({ type: 'call.outcome', at: clock.now().wallMs, data: data as OutcomeRecord });
    clock.advance(FLUSH_MS);
    expect(browser.text).toContain('"callerId":"+39333•••4567"');
  });
});
