import { describe, expect, it } from 'vitest';
import { toIso, type WallMs } from '../../base/clock.ts';
import { distanceMs, spokenDuration, spokenTime } from './around.ts';

const meant = (text: string) => {
  const time = spokenTime(text, 'Europe/Rome');
  return time === null ? null : [time.note, ...time.moments.map(toIso)];
};

describe('a time as a person says it', () => {
  it.each([
    ['2026-11-22 10:15', [null, '2026-11-22T09:15:00.000Z']],
    ['2026-11-22T10:15:30', [null, '2026-11-22T09:15:30.000Z']],
    ['2026-07-22 10:15', [null, '2026-07-22T08:15:00.000Z']],
    ['2026-11-22T10:15:00+05:00', [null, '2026-11-22T05:15:00.000Z']],
    ['2026-11-22 10:15Z', [null, '2026-11-22T10:15:00.000Z']],
  ])('%s is by the clocks of the zone unless it has an offset', (text, times) => expect(meant(text)).toEqual(times));

  it('is two moments in the hour that the clocks show twice', () => {
    expect(meant('2026-10-25 02:30')).toEqual(['twice', '2026-10-25T00:30:00.000Z', '2026-10-25T01:30:00.000Z']);
    expect(meant('2026-10-25 03:00')).toEqual([null, '2026-10-25T02:00:00.000Z']);
    expect(meant('2026-10-25 01:59')).toEqual([null, '2026-10-24T23:59:00.000Z']);
  });

  it('is said to be skipped in the hour that they leave out', () => {
    expect(meant('2026-03-29 02:30')).toEqual(['skipped', '2026-03-29T01:30:00.000Z']);
  });

  it('of Lord Howe Island is twice within half an hour', () => {
    expect(spokenTime('2026-04-05 01:45', 'Australia/Lord_Howe')?.moments).toHaveLength(2);
  });

  it.each([
    '2026-02-30 10:00',
    '2026-11-22',
    '10:15',
    '2026-11-22 24:00',
    '2026-11-22 10:60',
    '2026-13-01T00:00Z',
    'now',
  ])('%s is none', (text) => expect(meant(text)).toBeNull());
});

it('a span is a whole number and its unit', () => {
  expect(['90s', '30m', '2h', '3d', '0m', '30', '1w', '-5m'].map(spokenDuration)).toEqual([
    ...[90_000, 1_800_000, 7_200_000, 259_200_000],
    ...[null, null, null, null],
  ]);
});

it('a call is as far from a time as its nearer end, and not at all while it lasts', () => {
  const at = [1_000 as WallMs, 9_000 as WallMs];
  expect([distanceMs(at, 500, 1_500), distanceMs(at, 2_000, 3_000), distanceMs(at, 9_500, 9_900)]).toEqual([
    0, 1_000, 500,
  ]);
});
