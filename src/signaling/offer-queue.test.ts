import { describe, expect, it } from 'vitest';
import { fakeClock } from '../testing/fake-clock.ts';
import { retryAfterGlareMs, retryAfterOverlapS } from './glare.ts';
import { createLegDialog, type LegDialog } from './leg-dialog.ts';
import { createOfferQueue, QUEUE_MAX, type QueuedRequest, TRIES_MAX } from './offer-queue.ts';
import { fakeSrf } from './testing/fake-srf.ts';

function newQueue(random = 0, madeTheCallId = true) {
  const srf = fakeSrf();
  const clock = fakeClock();
  const results: string[] = [];
  const leg: { dialog: LegDialog | null } = {
    dialog: createLegDialog(
      srf,
      'id',
      null,
      () => undefined,
      (thrown) => {
        throw thrown;
      },
    ),
  };
  const queue = createOfferQueue({ clock, random: () => random, madeTheCallId, free: () => leg.dialog });
  const request = (name: string, needed = () => true): QueuedRequest => ({
    build: () => (needed() ? { method: 'INVITE', headers: {}, body: name } : null),
    done: ({ kind }) => results.push(`${name} ${kind}`),
  });
  const bodies = () => srf.sent.map(({ options }) => options.body);
  return { srf, clock, results, queue, request, bodies, leg };
}

describe('RFC 3261 §14.1: our re-INVITEs', () => {
  it('go out one at a time', () => {
    const { srf, queue, request, bodies, results } = newQueue();
    queue.push(request('a'));
    queue.push(request('b'));
    expect(bodies()).toEqual(['a']);
    expect(queue.isUnderWay()).toBe(true);
    srf.sent[0]?.respond(200);
    expect(bodies()).toEqual(['a', 'b']);
    srf.sent[1]?.respond(488);
    expect(results).toEqual(['a answered', 'b refused']);
    expect(queue.isUnderWay()).toBe(false);
  });

  it('wait while the dialog is not free, and go when it is', () => {
    const { queue, request, bodies, leg } = newQueue();
    const { dialog } = leg;
    leg.dialog = null;
    queue.push(request('a'));
    expect(bodies()).toEqual([]);
    leg.dialog = dialog;
    queue.resume();
    expect(bodies()).toEqual(['a']);
  });

  it.each([
    [true, 0, 2_100],
    [true, 0.999_999, 4_000],
    [false, 0, 0],
    [false, 0.999_999, 2_000],
  ])('with 491 are sent again after the time of RFC 3261 §14.1 (Call-ID ours: %s)', (ours, random, waitMs) => {
    const { srf, clock, queue, request, bodies } = newQueue(random, ours);
    queue.push(request('a'));
    queue.push(request('b'));
    srf.sent[0]?.respond(491);
    expect(queue.isUnderWay()).toBe(false);
    clock.advance(waitMs - 1);
    expect(bodies()).toEqual(['a']);
    clock.advance(1);
    expect(bodies()).toEqual(['a', 'a']);
  });

  it('draw that time in units of 10 ms', () => {
    expect(retryAfterGlareMs(true, () => 0.5)).toBe(3_050);
    expect([0, 0.3, 0.77].map((one) => retryAfterGlareMs(false, () => one) % 10)).toEqual([0, 0, 0]);
    expect([retryAfterOverlapS(() => 0), retryAfterOverlapS(() => 0.999)]).toEqual([0, 10]);
  });

  it('are given up after so many glares', () => {
    const { srf, clock, queue, request, results } = newQueue();
    queue.push(request('a'));
    for (let tries = 0; tries < TRIES_MAX; tries++) {
      srf.sent[tries]?.respond(491);
      clock.advance(2_100);
    }
    expect(srf.sent).toHaveLength(TRIES_MAX);
    expect(results).toEqual(['a refused']);
    expect(clock.pendingTimers()).toBe(0);
  });

  it('are not sent again when the session no longer needs them', () => {
    const { srf, clock, queue, request, results } = newQueue();
    let needed = true;
    queue.push(request('a', () => needed));
    srf.sent[0]?.respond(491);
    needed = false;
    clock.advance(2_100);
    expect(srf.sent).toHaveLength(1);
    expect(results).toEqual(['a dropped']);
  });

  it.each([408, 481])('that get %i have lost their peer (§12.2.1.2)', (status) => {
    const { srf, queue, request, results } = newQueue();
    queue.push(request('a'));
    srf.sent[0]?.respond(status);
    expect(results).toEqual(['a lost']);
  });

  it('that cannot be sent have lost it too, and the next one is tried', () => {
    const { srf, queue, request, results } = newQueue();
    srf.refusing = true;
    queue.push(request('a'));
    queue.push(request('b'));
    expect(results).toEqual(['a lost', 'b lost']);
  });

  it('beyond the limit are dropped', () => {
    const { queue, request, results } = newQueue();
    for (let i = 0; i <= QUEUE_MAX; i++) queue.push(request(`r${i}`));
    expect(results).toEqual([`r${QUEUE_MAX} dropped`]);
  });

  it('can be taken back: waiting, backing off, or under way', () => {
    const { srf, clock, queue, request, results } = newQueue();
    const [first, second] = [request('a'), request('b')];
    queue.push(first);
    queue.push(second);
    queue.cancel(second);
    queue.cancel(first);
    expect(srf.sent[0]?.cancelled).toBe(1);
    srf.sent[0]?.respond(487);
    const third = request('c');
    queue.push(third);
    srf.sent[1]?.respond(491);
    queue.cancel(third);
    expect(results).toEqual(['b dropped', 'a refused', 'c dropped']);
    expect(clock.pendingTimers()).toBe(0);
  });

  it('end with their leg', () => {
    const { srf, clock, queue, request, results } = newQueue();
    queue.push(request('a'));
    queue.push(request('b'));
    queue.close();
    srf.sent[0]?.respond(491);
    queue.push(request('c'));
    expect(results).toEqual(['b dropped', 'a refused', 'c dropped']);
    expect(clock.pendingTimers()).toBe(0);
  });
});
