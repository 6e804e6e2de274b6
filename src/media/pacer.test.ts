import { beforeEach, describe, expect, it } from 'vitest';
import type { MonotonicMs } from '../base/clock.ts';
import { CATCH_UP_FRAMES_MAX, Pacer, type PacerSlot, pacerSlot } from './pacer.ts';

const ms = (value: number) => value as MonotonicMs;

type Frame = { readonly stream: string; readonly dueMs: number; readonly skipped: number };

describe('the pacer', () => {
  let pacer: Pacer;
  let frames: Frame[];

  beforeEach(() => {
    pacer = new Pacer(ms(0), 5, 20);
    frames = [];
  });

  function slot(stream: string, andThen: (slot: PacerSlot) => void = () => {}): PacerSlot {
    const made: PacerSlot = pacerSlot({
      frameDue(due, skipped) {
        frames.push({ stream, dueMs: due, skipped });
        andThen(made);
      },
    });
    return made;
  }

  it('has nothing to wait for while no stream plays', () => {
    expect(pacer.nextDue()).toBeNull();
    const one = slot('a');
    pacer.play(one, ms(20), ms(0));
    expect([pacer.nextDue(), pacer.playing]).toEqual([20, 1]);
    pacer.remove(one);
    pacer.remove(one);
    expect([pacer.nextDue(), pacer.playing]).toEqual([null, 0]);
  });

  it('sends a frame every 20 ms on the grid, however late it is woken', () => {
    pacer.play(slot('a'), ms(20), ms(0));
    for (const wokenMs of [20.1, 44.9, 60, 79.9, 80.3]) pacer.run(ms(wokenMs));
    expect(frames.map(({ dueMs }) => dueMs)).toEqual([20, 40, 60, 80]);
    expect(pacer.nextDue()).toBe(100);
  });

  it('puts a stream at the tick nearest to its time and keeps streams apart', () => {
    pacer.play(slot('a'), ms(22.4), ms(2.4));
    pacer.play(slot('b'), ms(22.6), ms(2.6));
    for (let nowMs = 5; nowMs <= 60; nowMs += 5) pacer.run(ms(nowMs));
    expect(frames.map(({ stream, dueMs }) => `${stream}${dueMs}`)).toEqual(['a20', 'b25', 'a40', 'b45', 'a60']);
  });

  it('catches up the frames of a short stall', () => {
    pacer.play(slot('a'), ms(20), ms(0));
    pacer.run(ms(65));
    expect(frames).toHaveLength(CATCH_UP_FRAMES_MAX);
    expect(frames).toEqual([20, 40, 60].map((dueMs) => ({ stream: 'a', dueMs, skipped: 0 })));
  });

  it('skips the oldest frames of a long stall, says how many, and is on the grid again', () => {
    pacer.play(slot('a'), ms(20), ms(0));
    pacer.play(slot('b'), ms(25), ms(0));
    pacer.run(ms(1022));
    expect(frames.filter(({ stream }) => stream === 'a')).toEqual([
      { stream: 'a', dueMs: 980, skipped: 48 },
      { stream: 'a', dueMs: 1000, skipped: 0 },
      { stream: 'a', dueMs: 1020, skipped: 0 },
    ]);
    expect(frames.filter(({ stream }) => stream === 'b').at(-1)).toMatchObject({ dueMs: 1005 });
    expect(pacer.nextDue()).toBe(1025);
  });

  it('has no stall behind it when the first stream comes after a long quiet', () => {
    const one = slot('a');
    pacer.play(one, ms(20), ms(0));
    pacer.remove(one);
    pacer.play(one, ms(60_020), ms(60_000));
    expect(pacer.nextDue()).toBe(60_020);
    pacer.run(ms(60_020));
    expect(frames).toEqual([{ stream: 'a', dueMs: 60_020, skipped: 0 }]);
  });

  it('asks a watching stream at its time, not at every turn', () => {
    pacer.watch(slot('w'), ms(200), ms(0));
    for (let nowMs = 5; nowMs < 200; nowMs += 5) pacer.run(ms(nowMs));
    expect(frames).toEqual([]);
    expect(pacer.playing).toBe(0);
    pacer.run(ms(200));
    expect(frames).toHaveLength(1);
  });

  it('serves every stream once when streams remove or move themselves while it serves', () => {
    for (const name of ['a', 'b', 'c', 'd']) {
      pacer.play(
        slot(name, (own) => (name === 'b' ? pacer.remove(own) : pacer.watch(own, ms(220), ms(20)))),
        ms(20),
        ms(0),
      );
    }
    pacer.run(ms(20));
    expect(frames.map(({ stream }) => stream).sort()).toEqual(['a', 'b', 'c', 'd']);
    pacer.run(ms(200));
    expect(frames).toHaveLength(4);
    pacer.run(ms(220));
    expect(
      frames
        .slice(4)
        .map(({ stream }) => stream)
        .sort(),
    ).toEqual(['a', 'c', 'd']);
  });

  it('asks a stream that wants to be asked in the past at the next tick, not again at once', () => {
    pacer.watch(
      slot('w', (own) => pacer.watch(own, ms(19), ms(20))),
      ms(20),
      ms(0),
    );
    pacer.run(ms(20));
    expect(frames).toHaveLength(1);
    expect(pacer.nextDue()).toBe(25);
  });

  it('does not send a frame twice when its clock stands still', () => {
    pacer.play(slot('a'), ms(20), ms(0));
    for (let n = 0; n < 3; n += 1) pacer.run(ms(20));
    expect(frames).toHaveLength(1);
  });
});
