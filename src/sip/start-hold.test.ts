import { describe, expect, it } from 'vitest';
import { fakeClock } from '../testing/fake-clock.ts';
import { newCounters } from './counters.ts';
import { createStartHold, HELD_OCTETS_MAX, RELEASE_EVERY_MS } from './start-hold.ts';
import type { Hop } from './transaction/hop.ts';

const DIALER = { protocol: 'udp', address: '127.0.0.11', port: 5060 } as Hop;
const STRANGER = { protocol: 'udp', address: '192.0.2.9', port: 5060 } as Hop;

function holding(holdMs: number) {
  const clock = fakeClock();
  const counters = newCounters();
  const taken: string[] = [];
  const told: number[] = [];
  const hold = createStartHold({
    ...{ clock, counters, holdMs },
    isAllowed: (address) => address === DIALER.address,
    receive: (octets) => void taken.push(octets.toString()),
    onReleased: (messages) => void told.push(messages),
  });
  const say = (text: string, from = DIALER) => hold.receive(Buffer.from(text), from);
  return { clock, counters, taken, told, hold, say };
}

describe('what arrives before the application is there', () => {
  it('goes in when it is, in its order and one INVITE after the other, beside what comes then', () => {
    const { clock, taken, told, hold, say } = holding(10_000);
    for (const text of ['OPTIONS 1', 'INVITE 1', 'INVITE 2', 'INFO 1', 'INVITE 3']) say(text);
    expect(taken).toEqual([]);
    hold.release();
    say('INVITE 4');
    say('SIP/2.0 200');
    hold.release();
    expect(taken.splice(0)).toEqual(['OPTIONS 1', 'INVITE 1', 'INVITE 4', 'SIP/2.0 200']);
    clock.advance(RELEASE_EVERY_MS);
    expect(taken.splice(0)).toEqual(['INVITE 2']);
    clock.advance(RELEASE_EVERY_MS);
    expect(taken).toEqual(['INFO 1', 'INVITE 3']);
    expect(told).toEqual([5]);
    expect(clock.pendingTimers()).toBe(0);
  });

  it('is not overtaken by the CANCEL of an INVITE that still waits', () => {
    const { clock, taken, hold, say } = holding(10_000);
    for (const text of ['INVITE 1', 'INVITE 2']) say(text);
    hold.release();
    say('CANCEL 2');
    expect(taken.splice(0)).toEqual(['INVITE 1']);
    clock.advance(2 * RELEASE_EVERY_MS);
    expect(taken.splice(0)).toEqual(['INVITE 2', 'CANCEL 2']);
    say('CANCEL 3');
    expect(taken).toEqual(['CANCEL 3']);
  });

  it('is kept for its time and no longer', () => {
    const { clock, taken, say } = holding(10_000);
    say('INVITE 1');
    clock.advance(9_999);
    expect(taken).toEqual([]);
    clock.advance(1);
    say('INVITE 2');
    expect(taken).toEqual(['INVITE 1', 'INVITE 2']);
  });

  it('is dropped and counted over its limit: over UDP it comes again', () => {
    const { counters, taken, hold } = holding(10_000);
    const large = Buffer.alloc(HELD_OCTETS_MAX / 2);
    for (let n = 0; n < 3; n++) hold.receive(large, DIALER);
    hold.release();
    expect(taken).toHaveLength(2);
    expect(counters.heldLimit).toBe(1);
  });

  it('is not kept for a stranger, nor where nothing is to be kept', () => {
    const stranger = holding(10_000);
    stranger.say('INVITE 1', STRANGER);
    expect(stranger.taken).toEqual(['INVITE 1']);
    const none = holding(0);
    none.say('INVITE 1');
    none.hold.release();
    expect(none.taken).toEqual(['INVITE 1']);
    expect(none.told).toEqual([]);
  });
});
