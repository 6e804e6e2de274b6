/** A source on real sockets with the machine's clock, and what it told. */
import { expect } from 'vitest';
import { systemClock } from '../../base/clock.ts';
import type { AgentSource, PbxSignal, WatchedCall } from '../../guard/agent-source.ts';
import { SILENT_LOG } from '../../testing/fake-ports.ts';
import { type Converse, createPbxSource, type SourceLink } from '../pbx-source.ts';
import type { OpenWire } from '../wire.ts';

/** What a conversation may do, and nothing comes of it. */
export const NO_LINK: SourceLink = {
  send() {},
  ready() {},
  fail() {},
  signal() {},
  watches: () => false,
  event() {},
  malformed() {},
};

/** Started; `isWatched` says which calls are Brusio's. */
export function startedSource(open: OpenWire, converse: Converse, isWatched: (call: WatchedCall) => boolean) {
  const signals: PbxSignal[] = [];
  const source: AgentSource = createPbxSource({
    ...{ name: 'pbx', kind: 'asterisk-ari', dialers: [], clock: systemClock, random: () => 0, log: SILENT_LOG },
    open,
    converse,
  });
  source.start({
    watches: isWatched,
    signal(signal) {
      signals.push(signal);
      return 'taken';
    },
  });
  return {
    source,
    signals,
    isUp: () => expect.poll(() => source.status().up).toBe(true),
    isDown: (why: RegExp) => expect.poll(() => source.status().problem).toMatch(why),
  };
}
