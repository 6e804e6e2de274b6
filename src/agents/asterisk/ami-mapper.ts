/** AMI messages → signals: the picture of bridges and conferences, the name of each call, and who is with whom. */
import type { WallMs } from '../../base/clock.ts';
import type { PbxSignal, WatchedCall } from '../../guard/agent-source.ts';
import type { DispositionVariable } from '../variable-disposition.ts';
import { agentChanges, type IsWatched, knowCustomer } from './agent-presence.ts';
import { type AmiCallNaming, amiCallName } from './ami-call-name.ts';
import type { AmiMessage } from './ami-message.ts';
import { CHANNELS_MAX, type Channel, createBridgeTopology } from './bridge-topology.ts';
import { dispositionSignals } from './channel-disposition.ts';
import { createQueueBoard } from './queue-board.ts';

/** What the mapper is made of. */
export type AmiMapperParts = {
  readonly naming: AmiCallNaming;
  /** The queues whose free agents are counted. */
  readonly queues: readonly string[];
  /** Null where no variable tells who answered. */
  readonly disposition: DispositionVariable | null;
  readonly isWatched: IsWatched;
};

/** What was asked after connecting: items of the lists that AMI gives. */
export type AmiSnapshot = {
  /** Of CoreShowChannels. */
  readonly channels: readonly AmiMessage[];
  /** Of BridgeList. */
  readonly bridges: readonly AmiMessage[];
  /** Of MeetmeList. */
  readonly conferences: readonly AmiMessage[];
  /** Of QueueStatus. */
  readonly members: readonly AmiMessage[];
};

/** Turns events into signals; keeps what it knows over a lost connection. */
export type AmiMapper = {
  take(event: AmiMessage): readonly PbxSignal[];
  /** Everything there is: what changed meanwhile is told. */
  resync(snapshot: AmiSnapshot): readonly PbxSignal[];
  /** Channels that are remembered. */
  channelsKnown(): number;
};

/** The channels that an event may speak of, by what their headers begin with. */
const PREFIXES = ['', 'Dest', 'LocalOne', 'LocalTwo'] as const;
type Prefix = (typeof PREFIXES)[number];

/** AST_STATE_UP. */
const STATE_UP = '6';

/** A mapper that knows nothing yet. */
export function createAmiMapper({ naming, queues: counted, disposition, isWatched }: AmiMapperParts): AmiMapper {
  const topology = createBridgeTopology();
  const queues = createQueueBoard(new Set(counted));
  /** Which channel a reference was first seen on: a variable that is inherited names the agent's channel too. */
  const claims = new Map<string, string>();

  return {
    channelsKnown: () => topology.channelsKnown(),
    take(event) {
      const at = stampOf(event);
      const signals: PbxSignal[] = [];
      for (const prefix of PREFIXES) signals.push(...seen(event, prefix, at));
      signals.push(...happened(event, at));
      return signals;
    },
    resync({ channels, bridges, conferences, members }) {
      const bridgeIds = new Set(bridges.flatMap((one) => one.get('BridgeUniqueid') ?? []));
      const rooms = conferences.map((one) => ({ id: roomId(one.get('Conference')), name: one.get('Channel') ?? '' }));
      for (const { id } of rooms) bridgeIds.add(id);
      const changed = [...topology.retain(new Set(channels.flatMap((one) => one.get('Uniqueid') ?? [])), bridgeIds)];
      for (const one of channels) changed.push(know(one, '')?.id ?? '');
      const inside = Map.groupBy(channels, (one) => one.get('BridgeId') ?? '');
      for (const bridge of bridges) {
        const id = bridge.get('BridgeUniqueid') ?? '';
        const members = (inside.get(id) ?? []).flatMap((one) => one.get('Uniqueid') ?? []);
        changed.push(...topology.hold(id, isMixing(bridge), members));
      }
      for (const { id, name } of rooms) {
        const channel = topology.named(name);
        if (channel !== null) changed.push(...topology.enter(id, true, channel.id));
      }
      return [
        ...changes(changed, null),
        ...channels.flatMap((one) => dispositionOf(one, '')),
        ...queues.relist(members),
      ];
    },
  };

  function happened(event: AmiMessage, at: WallMs | null): readonly PbxSignal[] {
    const channelId = event.get('Uniqueid') ?? '';
    const bridgeId = event.get('BridgeUniqueid') ?? '';
    switch (event.get('Event')) {
      case 'BridgeEnter':
      case 'ConfbridgeJoin':
        if (channelId === '' || bridgeId === '') return [];
        // ConfBridge tells a moment later who joins it only to listen.
        if (event.get('Event') === 'BridgeEnter' && event.get('BridgeCreator') === 'ConfBridge') return [];
        listens(channelId, event.get('Muted') === 'Yes');
        return changes(topology.enter(bridgeId, isMixing(event), channelId), at);
      case 'ConfbridgeUnmute':
        listens(channelId, false);
        return changes([channelId], at);
      case 'BridgeLeave':
      case 'ConfbridgeLeave':
        return changes(topology.leave(bridgeId, channelId), at);
      case 'BridgeDestroy':
        return changes(topology.destroy(bridgeId), at);
      case 'BridgeMerge':
        return changes(topology.merge(event.get('FromBridgeUniqueid') ?? '', event.get('ToBridgeUniqueid') ?? ''), at);
      case 'MeetmeJoin':
        return channelId === '' ? [] : changes(topology.enter(roomId(event.get('Meetme')), true, channelId), at);
      case 'MeetmeLeave':
        return changes(topology.leave(roomId(event.get('Meetme')), channelId), at);
      case 'MeetmeEnd':
        return changes(topology.destroy(roomId(event.get('Meetme'))), at);
      case 'Hangup':
        return changes(gone(channelId), at);
      case 'AgentCalled':
      case 'AgentConnect':
        member(event);
        return [];
      case 'VarSet':
        return event.get('Variable') === disposition?.variable
          ? dispositionSignals(topology, channelId, disposition, event.get('Value') ?? '')
          : [];
      case 'QueueMemberAdded':
      case 'QueueMemberPause':
      case 'QueueMemberRemoved':
      case 'QueueMemberStatus':
        return queues.take(event);
      default:
        return [];
    }
  }

  /** What the event's headers say of one channel, whatever the event. */
  function know(event: AmiMessage, prefix: Prefix): Channel | null {
    const uniqueid = event.get(`${prefix}Uniqueid`);
    const name = event.get(`${prefix}Channel`);
    if (uniqueid === null || uniqueid === '' || name === null || name === '') return null;
    const state = event.get(`${prefix}ChannelState`);
    const callerName = toldText(event.get(`${prefix}CallerIDName`));
    const channel = topology.see(uniqueid, {
      name: event.get('Event') === 'Rename' ? (event.get('Newname') ?? name) : name,
      isUp: state === null ? undefined : state === STATE_UP,
      callerName,
      callerNumber: toldText(event.get(`${prefix}CallerIDNum`)),
    });
    if (channel.parts.isPerson && channel.call?.by !== 'call-id') {
      const call = amiCallName(naming, {
        uniqueid,
        callerName: callerName ?? '',
        connectedName: toldText(event.get(`${prefix}ConnectedLineName`)) ?? '',
        variable: (variable) => variableOf(event, prefix, variable),
      });
      if (call !== null && claim(call, uniqueid)) channel.call = call;
    }
    knowCustomer(channel, isWatched);
    return channel;
  }

  function seen(event: AmiMessage, prefix: Prefix, at: WallMs | null): readonly PbxSignal[] {
    const id = event.get(`${prefix}Uniqueid`) ?? '';
    const before = topology.channel(id);
    const wasUp = before?.isUp ?? null;
    const wasCustomer = before?.isCustomer ?? false;
    const channel = know(event, prefix);
    if (channel === null) return [];
    const told = dispositionOf(event, prefix);
    // Answered, or recognised, in a bridge that it was in already.
    const isNews = (channel.isUp !== wasUp || channel.isCustomer !== wasCustomer) && channel.bridgeId !== null;
    return isNews ? [...told, ...changes([id], at)] : told;
  }

  function claim(call: WatchedCall, channelId: string): boolean {
    if (call.by === 'call-id') return true;
    const first = claims.get(call.value);
    if (first !== undefined && first !== channelId && topology.channel(first) !== null) return false;
    const [oldest] = claims.size < CHANNELS_MAX ? [] : claims.keys();
    if (oldest !== undefined) claims.delete(oldest);
    claims.set(call.value, channelId);
    return true;
  }

  function gone(channelId: string): readonly string[] {
    const call = topology.channel(channelId)?.call;
    if (call != null && claims.get(call.value) === channelId) claims.delete(call.value);
    return topology.gone(channelId);
  }

  function member(event: AmiMessage): void {
    const agent = topology.channel(event.get('DestUniqueid') ?? '');
    const phone = event.get('Interface');
    if (agent !== null && phone !== null) agent.member = { interface: phone, name: event.get('MemberName') ?? phone };
  }

  function listens(channelId: string, only: boolean): void {
    const channel = topology.channel(channelId);
    if (channel !== null) channel.listensOnly = only;
  }

  function changes(channelIds: readonly string[], at: WallMs | null): readonly PbxSignal[] {
    return agentChanges(topology, isWatched, channelIds, at);
  }

  /** What the variables that the event shows of a channel say of who answered. */
  function dispositionOf(event: AmiMessage, prefix: Prefix): readonly PbxSignal[] {
    const value = disposition === null ? null : variableOf(event, prefix, disposition.variable);
    return value ? dispositionSignals(topology, event.get(`${prefix}Uniqueid`) ?? '', disposition, value) : [];
  }
}

/** A channel's variable: of those that `channelvars` in manager.conf lists, or the one that the event is about. */
function variableOf(event: AmiMessage, prefix: Prefix, name: string): string | null {
  if (prefix === '' && event.get('Event') === 'VarSet' && event.get('Variable') === name) return event.get('Value');
  const start = `${name}=`;
  return (
    event
      .all(`${prefix}ChanVariable`)
      .find((pair) => pair.startsWith(start))
      ?.slice(start.length) ?? null
  );
}

/** Asterisk writes `<unknown>` for what is empty. */
function toldText(value: string | null): string | undefined {
  return value === null ? undefined : value === '<unknown>' ? '' : value;
}

function isMixing(event: AmiMessage): boolean {
  return event.get('BridgeTechnology') !== 'holding_bridge' && event.get('BridgeType') !== 'holding';
}

/** A MeetMe conference is no bridge of Asterisk's, and mixes like one. */
function roomId(conference: string | null): string {
  return `meetme ${conference ?? ''}`;
}

/** `Timestamp` of `timestampevents`, seconds with six decimals. */
function stampOf(event: AmiMessage): WallMs | null {
  const seconds = Number(event.get('Timestamp') ?? Number.NaN);
  return Number.isFinite(seconds) ? (Math.round(seconds * 1000) as WallMs) : null;
}
