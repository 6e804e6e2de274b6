/**
 * When an agent is on the line with a called person: the two are connected over mixing bridges, and the other is a
 * person of whom Brusio knows no call of its own (docs/deploy-asterisk.md). Looked at whenever anybody comes or goes.
 */
import type { WallMs } from '../../base/clock.ts';
import type { PbxSignal, SeenAgent, WatchedCall } from '../../guard/agent-source.ts';
import type { BridgeTopology, Channel } from './bridge-topology.ts';

/** Whether Brusio guards such a call at this moment. */
export type IsWatched = (call: WatchedCall) => boolean;

/**
 * What there is to tell of the channels whose company may have changed, and of everyone they are connected with.
 *
 * @param at the PBX's own stamp of the change, or null
 */
export function agentChanges(
  topology: BridgeTopology,
  isWatched: IsWatched,
  channelIds: readonly string[],
  at: WallMs | null,
): readonly PbxSignal[] {
  const signals: PbxSignal[] = [];
  const done = new Set<string>();
  for (const id of channelIds) {
    if (done.has(id)) continue;
    const around = topology.connected(id);
    for (const channel of around) {
      done.add(channel.id);
      knowCustomer(channel, isWatched);
    }
    const agents = around.filter(isAgent);
    for (const customer of around.filter(({ isCustomer }) => isCustomer)) {
      // Whoever was told of stays the agent as long as they are there.
      const same = agents.find((agent) => agent.id === customer.toldAgentId);
      const change = changeOf(customer, same ?? agents.find(hasMember) ?? agents[0] ?? null, around, at);
      // Of a call that Brusio has ended meanwhile there is nothing to tell.
      if (change !== null && isWatched(change.call)) signals.push(change);
    }
  }
  return signals;
}

/** Looks whether Brusio guards the channel's call; once a customer, it is no agent when its call has ended. */
export function knowCustomer(channel: Channel, isWatched: IsWatched): void {
  if (channel.isCustomer || channel.call === null || !channel.parts.isPerson) return;
  channel.isCustomer = isWatched(channel.call);
}

function changeOf(
  customer: Channel,
  agent: Channel | null,
  around: readonly Channel[],
  at: WallMs | null,
): Extract<PbxSignal, { type: 'agent-bridged' | 'agent-left' }> | null {
  const { call, toldAgentId } = customer;
  if (call === null || toldAgentId === (agent?.id ?? null)) return null;
  customer.toldAgentId = agent?.id ?? null;
  if (agent === null) return { type: 'agent-left', call };
  return { type: 'agent-bridged', call, agent: seenAgent(agent, around), bridgedAt: at };
}

function isAgent({ parts, isUp, isCustomer, listensOnly }: Channel): boolean {
  return parts.isPerson && isUp !== false && !isCustomer && !listensOnly;
}

function hasMember({ member }: Channel): boolean {
  return member !== null;
}

/**
 * The agent's name and telephone: of the queue's member where a queue placed the call (a member that is a Local channel
 * stands before the telephone); else the channel's endpoint, and a caller's name only where it is the telephone's own:
 * Dial and Queue put the customer's there.
 */
function seenAgent(agent: Channel, around: readonly Channel[]): SeenAgent {
  const member = agent.member ?? around.find(hasMember)?.member ?? null;
  const { endpoint, extension } = agent.parts;
  if (member !== null) {
    return { id: member.interface, name: member.name === member.interface ? null : member.name, extension };
  }
  const isOwnName = agent.callerName !== '' && agent.callerNumber === extension;
  return { id: endpoint, name: isOwnName ? agent.callerName : null, extension };
}
