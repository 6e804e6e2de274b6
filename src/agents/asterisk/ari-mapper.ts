/** ARI events → signals: the picture of bridges, the Call-ID of each channel, and who is with whom. */
import type { WallMs } from '../../base/clock.ts';
import type { PbxSignal } from '../../guard/agent-source.ts';
import type { DispositionVariable } from '../variable-disposition.ts';
import { agentChanges, type IsWatched, knowCustomer } from './agent-presence.ts';
import type { AriBridge, AriChannel, AriEvent } from './ari-event.ts';
import { type Channel, createBridgeTopology } from './bridge-topology.ts';
import { dispositionSignals } from './channel-disposition.ts';

/** What the mapper is made of. */
export type AriMapperParts = {
  /** Null where no variable tells who answered. */
  readonly disposition: DispositionVariable | null;
  readonly isWatched: IsWatched;
};

/** Turns events into signals; keeps what it knows over a lost connection. */
export type AriMapper = {
  take(event: AriEvent): readonly PbxSignal[];
  /** Everything there is, as asked after connecting: what changed meanwhile is told. */
  resync(channels: readonly AriChannel[], bridges: readonly AriBridge[]): readonly PbxSignal[];
  /** Channels that are remembered. */
  channelsKnown(): number;
};

/** A mapper that knows nothing yet. */
export function createAriMapper({ disposition, isWatched }: AriMapperParts): AriMapper {
  const topology = createBridgeTopology();

  return {
    channelsKnown: () => topology.channelsKnown(),
    take(event) {
      switch (event.type) {
        case 'channel':
          return seen(event.channel, event.at);
        case 'channel-destroyed':
          return [...dispositionOf(event.channel), ...changes(topology.gone(event.channel.id), event.at)];
        case 'bridge': {
          const told = event.channel === null ? [] : seen(event.channel, event.at);
          return [...told, ...changes(hold(event.bridge), event.at)];
        }
        case 'bridge-merged':
          return changes([...topology.merge(event.from.id, event.to.id), ...hold(event.to)], event.at);
        case 'bridge-destroyed':
          return changes(topology.destroy(event.bridgeId), event.at);
        case 'variable': {
          const told = seen(event.channel, null);
          return event.variable === disposition?.variable
            ? [...told, ...dispositionSignals(topology, event.channel.id, disposition, event.value)]
            : told;
        }
      }
    },
    resync(channels, bridges) {
      const changed = [...topology.retain(idsOf(channels), idsOf(bridges))];
      for (const channel of channels) {
        know(channel);
        changed.push(channel.id);
      }
      for (const bridge of bridges) changed.push(...hold(bridge));
      // When they were bridged is not said: it may have been long ago.
      return [...changes(changed, null), ...channels.flatMap(dispositionOf)];
    },
  };

  function know(channel: AriChannel): Channel {
    const known = topology.see(channel.id, {
      name: channel.name,
      isUp: channel.state === 'Up',
      callerName: channel.callerName,
      callerNumber: channel.callerNumber,
    });
    // A Call-ID once seen stays: it is empty again while the channel is taken apart.
    if (channel.protocolId !== '') known.call = { by: 'call-id', value: channel.protocolId };
    knowCustomer(known, isWatched);
    return known;
  }

  function seen(channel: AriChannel, at: WallMs | null): readonly PbxSignal[] {
    const wasUp = topology.channel(channel.id)?.isUp ?? null;
    const known = know(channel);
    // Answered in a bridge that it was in already.
    const changed = known.isUp !== wasUp && known.bridgeId !== null ? changes([channel.id], at) : [];
    return [...changed, ...dispositionOf(channel)];
  }

  function hold(bridge: AriBridge): readonly string[] {
    return topology.hold(bridge.id, bridge.isMixing, bridge.channelIds);
  }

  function changes(channelIds: readonly string[], at: WallMs | null): readonly PbxSignal[] {
    return agentChanges(topology, isWatched, channelIds, at);
  }

  function dispositionOf(channel: AriChannel): readonly PbxSignal[] {
    const value = disposition === null ? undefined : channel.variables[disposition.variable];
    return value === undefined || value === '' ? [] : dispositionSignals(topology, channel.id, disposition, value);
  }
}

function idsOf(all: readonly { readonly id: string }[]): ReadonlySet<string> {
  return new Set(all.map(({ id }) => id));
}
