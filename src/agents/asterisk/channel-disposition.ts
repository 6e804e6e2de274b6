/** Whose call it is that a channel's variable speaks of. */
import type { Disposition } from '../../call/call-facts.ts';
import type { PbxSignal } from '../../guard/agent-source.ts';
import type { BridgeTopology, Channel } from './bridge-topology.ts';

/**
 * What to tell of who answered: of the customer's own channel, or, where detection ran on a Local channel, of the
 * customer behind it. Once for each word.
 *
 * @param word the variable's value
 */
export function dispositionSignals(
  topology: BridgeTopology,
  channelId: string,
  answeredBy: Disposition['answeredBy'],
  word: string,
): readonly PbxSignal[] {
  return customersBehind(topology, channelId).flatMap((customer) => {
    if (customer.call === null || customer.toldDisposition === word) return [];
    customer.toldDisposition = word;
    return [{ type: 'disposition', call: customer.call, answeredBy, method: word }] as const;
  });
}

function customersBehind(topology: BridgeTopology, channelId: string): readonly Channel[] {
  const channel = topology.channel(channelId);
  if (channel === null) return [];
  if (channel.isCustomer) return [channel];
  return channel.parts.otherHalf === null ? [] : topology.connected(channelId).filter(({ isCustomer }) => isCustomer);
}
