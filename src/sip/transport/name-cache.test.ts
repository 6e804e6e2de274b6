import { beforeEach, describe, expect, it } from 'vitest';
import { type FakeClock, fakeClock } from '../../testing/fake-clock.ts';
import {
  ANSWERS_MAX,
  cachedNames,
  FAILED_S,
  LOOK_UP_MS_MAX,
  NOTHING_S,
  STALE_MS_MAX,
  TTL_S_MAX,
  TTL_S_MIN,
} from './name-cache.ts';
import { type Answer, FAILED_ANSWER, type NameServer, NO_ANSWER } from './name-server.ts';

let clock: FakeClock;
let asked: string[];
let answer: () => Promise<Answer<string>>;
let names: NameServer;

const found =
  (ttlS: number, ...records: string[]) =>
  () =>
    Promise.resolve({ records, ttlS, failed: false });
const look = async (name = 'a.example') => (await names.addresses(name, 4)).records;

beforeEach(() => {
  clock = fakeClock();
  asked = [];
  answer = found(60, '192.0.2.1');
  names = cachedNames(
    {
      naptr: () => Promise.resolve(NO_ANSWER),
      srv: () => Promise.resolve(NO_ANSWER),
      addresses: (name) => {
        asked.push(name);
        return answer();
      },
    },
    clock,
  );
});

describe('the answers of name servers', () => {
  it.each([
    ['their lifetime', 60, 60],
    ['at least the minimum', 0, TTL_S_MIN],
    ['at most the maximum', 86_400, TTL_S_MAX],
  ])('are kept for %s', async (_name, ttlS, keptS) => {
    answer = found(ttlS, '192.0.2.1');
    await look();
    clock.advance(keptS * 1_000 - 1);
    await look('A.example');
    expect(asked).toHaveLength(1);
    clock.advance(2);
    await look();
    expect(asked).toHaveLength(2);
  });

  it('are kept too when there is nothing', async () => {
    answer = () => Promise.resolve(NO_ANSWER);
    await look();
    clock.advance(NOTHING_S * 1_000 - 1);
    await look();
    expect(asked).toHaveLength(1);
  });

  it('are asked for once, however many wait', async () => {
    const waiting = Promise.withResolvers<Answer<string>>();
    answer = () => waiting.promise;
    const all = [look(), look(), look()];
    waiting.resolve({ records: ['192.0.2.7'], ttlS: 60, failed: false });
    expect(await Promise.all(all)).toEqual([['192.0.2.7'], ['192.0.2.7'], ['192.0.2.7']]);
    expect(asked).toHaveLength(1);
  });

  it('outlive their lifetime while nobody answers, but not for ever', async () => {
    await look();
    answer = () => Promise.resolve(FAILED_ANSWER);
    clock.advance(61_000);
    expect(await look()).toEqual(['192.0.2.1']);
    clock.advance(STALE_MS_MAX);
    expect(await look()).toEqual([]);
  });

  it('are asked for again soon after nobody answered', async () => {
    answer = () => Promise.resolve(FAILED_ANSWER);
    expect(await look()).toEqual([]);
    await look();
    expect(asked).toHaveLength(1);
    answer = found(60, '192.0.2.1');
    clock.advance(FAILED_S * 1_000 + 1);
    expect(await look()).toEqual(['192.0.2.1']);
  });

  it('are not waited for longer than the limit', async () => {
    answer = () => new Promise(() => undefined);
    const waiting = names.addresses('a.example', 4);
    clock.advance(LOOK_UP_MS_MAX + 1);
    expect(await waiting).toEqual(FAILED_ANSWER);
    expect(clock.pendingTimers()).toBe(0);
  });

  it('are remembered up to a limit', async () => {
    for (let index = 0; index <= ANSWERS_MAX; index++) await look(`n${index}.example`);
    asked = [];
    await look(`n${ANSWERS_MAX}.example`);
    expect(asked).toEqual([]);
    await look('n0.example');
    expect(asked).toEqual(['n0.example']);
  });
});
