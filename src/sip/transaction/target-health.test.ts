import { describe, expect, it } from 'vitest';
import { fakeClock } from '../../testing/fake-clock.ts';
import type { Hop } from './hop.ts';
import { AVOID_MS_FIRST, AVOID_MS_MAX, createTargetHealth, TARGETS_REMEMBERED_MAX } from './target-health.ts';

const hop = (address: string, port = 5060): Hop => ({ protocol: 'udp', address, port });
const [a, b, c] = [hop('192.0.2.1'), hop('192.0.2.2'), hop('192.0.2.3')];

describe('RFC 3263 §4.3: targets that failed', () => {
  it('go to the end of the line, and come back after their time', () => {
    const clock = fakeClock();
    const health = createTargetHealth(clock);
    health.failed(a);
    expect(health.inOrder([a, b, c])).toEqual([b, c, a]);
    expect(health.avoided()).toBe(1);
    clock.advance(AVOID_MS_FIRST + 1);
    expect(health.inOrder([a, b, c])).toEqual([a, b, c]);
    expect(health.avoided()).toBe(0);
  });

  it('stay there twice as long with every failure in a row, up to the maximum', () => {
    const clock = fakeClock();
    const health = createTargetHealth(clock);
    const spans: number[] = [];
    for (let failures = 0; failures < 9; failures++) {
      health.failed(a);
      let ms = 0;
      for (; health.isAvoided(a); ms += 1_000) clock.advance(1_000);
      spans.push(ms);
    }
    expect(spans).toEqual([5, 10, 20, 40, 80, 160, 300, 300, 300].map((seconds) => seconds * 1_000));
  });

  it('are forgiven by one answer', () => {
    const health = createTargetHealth(fakeClock());
    health.failed(a);
    health.failed(a);
    health.answered(a);
    expect(health.isAvoided(a)).toBe(false);
  });

  it('stay away as long as their Retry-After asks, within the maximum', () => {
    const clock = fakeClock();
    const health = createTargetHealth(clock);
    health.failed(a, 60_000);
    health.failed(b, 3_600_000);
    clock.advance(59_000);
    expect(health.isAvoided(a)).toBe(true);
    clock.advance(2_000);
    expect(health.isAvoided(a)).toBe(false);
    clock.advance(AVOID_MS_MAX);
    expect(health.isAvoided(b)).toBe(false);
  });

  it('are all tried when all have failed, the one that failed first at first', () => {
    const clock = fakeClock();
    const health = createTargetHealth(clock);
    for (const one of [b, a, c]) {
      health.failed(one);
      clock.advance(10);
    }
    expect(health.inOrder([a, b, c])).toEqual([b, a, c]);
  });

  it('are remembered up to a limit', () => {
    const health = createTargetHealth(fakeClock());
    for (let port = 1; port <= TARGETS_REMEMBERED_MAX + 1; port++) health.failed(hop('192.0.2.1', port));
    expect(health.avoided()).toBe(TARGETS_REMEMBERED_MAX);
    expect(health.isAvoided(hop('192.0.2.1', 1))).toBe(false);
  });
});
