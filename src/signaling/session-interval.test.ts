import { describe, expect, it } from 'vitest';
import {
  answerInterval,
  intervalAnswered,
  intervalOffered,
  intervalRepeated,
  knowsTimers,
  longerInterval,
  minSeOf,
  sessionExpiresOf,
} from './session-interval.ts';

const INTERVALS = { expiresS: 1_800, minS: 90, checkS: 900 };

function message(headers: Record<string, string>) {
  return { get: (name: string) => headers[name] };
}

describe('RFC 4028 §4, §5: the headers', () => {
  it.each([
    ['1800', { seconds: 1800, refresher: null }],
    ['1800;refresher=uac', { seconds: 1800, refresher: 'uac' }],
    [' 90 ; Refresher = UAS', { seconds: 90, refresher: 'uas' }],
    ['90;x=y;refresher=uas', { seconds: 90, refresher: 'uas' }],
    ['soon', null],
    ['', null],
  ])('Session-Expires: %s', (value, read) => {
    expect(sessionExpiresOf(message({ 'session-expires': value }))).toEqual(read);
  });

  it('Min-SE, and the option tag in Supported or Require', () => {
    expect([minSeOf(message({ 'min-se': '120' })), minSeOf(message({}))]).toEqual([120, null]);
    expect(knowsTimers(message({ supported: '100rel, timer' }))).toBe(true);
    expect(knowsTimers(message({ require: 'Timer' }))).toBe(true);
    expect(knowsTimers(message({ supported: 'timers' }))).toBe(false);
  });
});

describe('RFC 4028 §7: our requests', () => {
  it('ask for an interval, or for none where timers are off', () => {
    expect(intervalOffered(INTERVALS, false)).toEqual({ 'Session-Expires': '1800', 'Min-SE': '90' });
    expect(intervalOffered({ ...INTERVALS, expiresS: null }, false)).toEqual({});
  });

  it('ask a peer that challenges to refresh by itself, after a 422 too', () => {
    const asked = { 'Session-Expires': '1800;refresher=uas', 'Min-SE': '90' };
    expect(intervalOffered(INTERVALS, true)).toEqual(asked);
    const tooSmall = message({ 'min-se': '3600' });
    expect(longerInterval(tooSmall, true)).toEqual({ 'Session-Expires': '3600;refresher=uas', 'Min-SE': '3600' });
    expect(longerInterval(tooSmall, false)).toEqual({ 'Session-Expires': '3600', 'Min-SE': '3600' });
    expect(longerInterval(message({}), false)).toBeNull();
  });

  it('read in the 2xx who refreshes', () => {
    expect(intervalAnswered(message({ 'session-expires': '600;refresher=uas' }))).toEqual({
      seconds: 600,
      refresher: 'peer',
    });
    expect(intervalAnswered(message({ 'session-expires': '600' }))).toEqual({ seconds: 600, refresher: 'us' });
    expect(intervalAnswered(message({}))).toBeNull();
  });

  it('repeat what was agreed, seen from the request', () => {
    expect(intervalRepeated({ seconds: 600, refresher: 'peer' })).toEqual({ 'Session-Expires': '600;refresher=uas' });
    expect(intervalRepeated({ seconds: 600, refresher: 'us' })).toEqual({ 'Session-Expires': '600;refresher=uac' });
    expect(intervalRepeated(null)).toEqual({});
  });
});

describe('RFC 4028 §9: our answers', () => {
  const answered = (headers: Record<string, string>, isFirst = true) =>
    answerInterval(message(headers), INTERVALS, isFirst);

  it('refuse less than our minimum with 422 and Min-SE', () => {
    expect(answered({ 'session-expires': '60' })).toEqual({ kind: 'too-small', headers: { 'Min-SE': '90' } });
  });

  it('leave the refresh to the peer that asked, and to us where it says so', () => {
    expect(answered({ 'session-expires': '600', supported: 'timer' })).toEqual({
      kind: 'accepted',
      agreed: { seconds: 600, refresher: 'peer' },
      headers: { 'Session-Expires': '600;refresher=uac', Require: 'timer' },
    });
    expect(answered({ 'session-expires': '600;refresher=uas' })).toEqual({
      kind: 'accepted',
      agreed: { seconds: 600, refresher: 'us' },
      headers: { 'Session-Expires': '600;refresher=uas' },
    });
  });

  it('refresh by ourselves for a peer that knows no timers, and whose proxy asked for them (§8.1)', () => {
    expect(answered({ 'session-expires': '600' })).toEqual({
      kind: 'accepted',
      agreed: { seconds: 600, refresher: 'us' },
      headers: { 'Session-Expires': '600;refresher=uas' },
    });
  });

  it('give a peer that knows timers our interval with its first INVITE, and no less than it accepts', () => {
    expect(answered({ supported: 'timer' })).toMatchObject({ agreed: { seconds: 1800, refresher: 'peer' } });
    expect(answered({ supported: 'timer', 'min-se': '3600' })).toMatchObject({ agreed: { seconds: 3600 } });
    expect(answered({ supported: 'timer' }, false)).toEqual({ kind: 'accepted', agreed: null, headers: {} });
    expect(answered({})).toEqual({ kind: 'accepted', agreed: null, headers: {} });
  });
});
