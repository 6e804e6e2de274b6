/** The settings' agent sources as running parts. */
import { createPbxSource } from './agents/pbx-source.ts';
import { tcpWire } from './agents/tcp-wire.ts';
import { assert } from './base/assert.ts';
import type { Clock } from './base/clock.ts';
import type { Logger } from './base/log.ts';
import { randomOctets, seededRandom } from './base/random.ts';
import { readHostPort } from './config/agent-settings.ts';
import type { Settings } from './config/settings.ts';
import type { AgentSource } from './guard/agent-source.ts';

/** One source for each entry of `agents.sources`; none is connected yet. */
export function agentSources({ agents }: Settings, clock: Clock, log: Logger): readonly AgentSource[] {
  return agents.sources.map((source) => {
    const { name, type: kind, dialers } = source;
    const parts = { name, kind, dialers, clock, log, random: seededRandom(randomOctets(4).readUInt32BE()) };
    switch (source.type) {
      case 'freeswitch': {
        const place = readHostPort(source.address);
        assert(place !== null, `the settings let "${source.address}" through as an address`);
        // HERE (fs): converse: freeswitchConversation(...)
        return createPbxSource({ ...parts, open: tcpWire(place), converse: () => never() });
      }
      // HERE (ast): 'asterisk-ari', 'asterisk-ami'
    }
  });
}

/** The campaign whose agents stand in a source's queue; null when the settings name none. */
export function campaignOfQueue({ agents }: Settings): (source: string, queue: string) => string | null {
  const queues = new Map(agents.sources.map(({ name, queues }) => [name, new Map(Object.entries(queues))]));
  return (source, queue) => queues.get(source)?.get(queue) ?? null;
}
