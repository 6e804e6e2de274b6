/** The settings' agent sources as running parts. */
import { amiConversations } from './agents/asterisk/ami-conversation.ts';
import { ariConversations } from './agents/asterisk/ari-conversation.ts';
import { ariWire } from './agents/asterisk/ari-wire.ts';
import { freeswitchConversations } from './agents/freeswitch/conversation.ts';
import { createPbxSource } from './agents/pbx-source.ts';
import { tcpWire } from './agents/tcp-wire.ts';
import { assert } from './base/assert.ts';
import type { Clock } from './base/clock.ts';
import type { Logger } from './base/log.ts';
import { randomOctets, seededRandom } from './base/random.ts';
import { type AgentSourceSettings, type HostPort, readHostPort } from './config/agent-settings.ts';
import type { Settings } from './config/settings.ts';
import type { AgentSource } from './guard/agent-source.ts';

/** One source for each entry of `agents.sources`; none is connected yet. */
export function agentSources({ agents }: Settings, clock: Clock, log: Logger): readonly AgentSource[] {
  return agents.sources.map((source) => agentSource(source, clock, log));
}

function agentSource(source: AgentSourceSettings, clock: Clock, log: Logger): AgentSource {
  const { name, type: kind, dialers, disposition } = source;
  const parts = { name, kind, dialers, clock, log, random: seededRandom(randomOctets(4).readUInt32BE()) };
  switch (source.type) {
    case 'freeswitch': {
      const { user, password, queues } = source;
      const converse = freeswitchConversations({
        clock,
        login: { user, password },
        disposition,
        queues: Object.keys(queues),
      });
      return createPbxSource({ ...parts, open: tcpWire(placeOf(source.address)), converse });
    }
    case 'asterisk-ari': {
      const { application } = source;
      return createPbxSource({
        ...parts,
        open: ariWire(source),
        converse: ariConversations({ application, disposition }),
      });
    }
    case 'asterisk-ami': {
      const naming = {
        callIdVariable: source.callIdVariable,
        referenceVariable: source.referenceVariable,
        isUniqueidReference: source.uniqueidIsReference,
        isVicidial: source.vicidial,
      };
      return createPbxSource({
        ...parts,
        kind: source.vicidial ? 'vicidial' : kind,
        open: tcpWire(placeOf(source.address)),
        converse: amiConversations({
          username: source.username,
          secret: source.password,
          naming,
          queues: Object.keys(source.queues),
          disposition,
        }),
      });
    }
  }
}

function placeOf(address: string): HostPort {
  const place = readHostPort(address);
  assert(place !== null, `the settings let "${address}" through as an address`);
  return place;
}

/** The campaign whose agents stand in a source's queue; null when the settings name none. */
export function campaignOfQueue({ agents }: Settings): (source: string, queue: string) => string | null {
  const queues = new Map(
    agents.sources.map((one) => [one.name, new Map(Object.entries('queues' in one ? one.queues : {}))]),
  );
  return (source, queue) => queues.get(source)?.get(queue) ?? null;
}
