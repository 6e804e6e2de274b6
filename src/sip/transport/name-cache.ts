import { addMs, type Clock, type MonotonicMs } from '../../base/clock.ts';
import { type Answer, FAILED_ANSWER, type NameServer } from './name-server.ts';

/** Answers remembered; over it the one asked for first is forgotten. */
export const ANSWERS_MAX = 1_024;

/** However long an answer claims to be good, it is asked again after this: carriers move in an emergency. */
export const TTL_S_MAX = 300;

/** However short: a call every few milliseconds must not ask every time. */
export const TTL_S_MIN = 5;

/** How long "there is nothing" is believed. */
export const NOTHING_S = 30;

/** How long a name server that does not answer is not asked again for the same. */
export const FAILED_S = 2;

/** An old answer is better than none while the name server does not answer, for so long. */
export const STALE_MS_MAX = 3_600_000;

/** How long one question may take; after it the caller is told that nobody answered. */
export const LOOK_UP_MS_MAX = 5_000;

type Entry = {
  answer: Answer<unknown> | null;
  goodUntilMs: MonotonicMs;
  staleUntilMs: MonotonicMs;
  asking: Promise<Answer<unknown>> | null;
};

/** A name server that remembers; each question is asked once however many wait for it. */
export function cachedNames(names: NameServer, clock: Clock): NameServer {
  const entries = new Map<string, Entry>();

  const entryOf = (key: string): Entry => {
    const known = entries.get(key);
    if (known !== undefined) return known;
    if (entries.size >= ANSWERS_MAX) {
      const oldest = entries.keys().next();
      if (!oldest.done) entries.delete(oldest.value);
    }
    const nowMs = clock.monotonicMs();
    const entry: Entry = { answer: null, goodUntilMs: nowMs, staleUntilMs: nowMs, asking: null };
    entries.set(key, entry);
    return entry;
  };

  const limited = (asked: Promise<Answer<unknown>>): Promise<Answer<unknown>> =>
    new Promise((resolve) => {
      const timer = clock.setTimer(addMs(clock.monotonicMs(), LOOK_UP_MS_MAX), () => resolve(FAILED_ANSWER));
      void asked.then((answer) => {
        timer.cancel();
        resolve(answer);
      });
    });

  const keep = (entry: Entry, answer: Answer<unknown>): Answer<unknown> => {
    const nowMs = clock.monotonicMs();
    entry.asking = null;
    if (answer.failed) {
      entry.goodUntilMs = addMs(nowMs, FAILED_S * 1_000);
      if (entry.answer !== null && nowMs < entry.staleUntilMs) return entry.answer;
      entry.answer = answer;
      entry.staleUntilMs = nowMs;
      return answer;
    }
    const ttlS = answer.records.length === 0 ? NOTHING_S : Math.min(Math.max(answer.ttlS, TTL_S_MIN), TTL_S_MAX);
    entry.answer = answer;
    entry.goodUntilMs = addMs(nowMs, ttlS * 1_000);
    entry.staleUntilMs = addMs(nowMs, STALE_MS_MAX);
    return answer;
  };

  const ask = <Item>(key: string, question: () => Promise<Answer<Item>>): Promise<Answer<Item>> => {
    const entry = entryOf(key);
    if (entry.answer !== null && clock.monotonicMs() < entry.goodUntilMs) {
      return Promise.resolve(entry.answer as Answer<Item>);
    }
    entry.asking ??= limited(question()).then((answer) => keep(entry, answer));
    return entry.asking as Promise<Answer<Item>>;
  };

  return {
    naptr: (domain) => ask(`naptr ${domain.toLowerCase()}`, () => names.naptr(domain)),
    srv: (name) => ask(`srv ${name.toLowerCase()}`, () => names.srv(name)),
    addresses: (name, family) => ask(`${family} ${name.toLowerCase()}`, () => names.addresses(name, family)),
  };
}
