/** Whose call it is that a channel's variable speaks of. */
import type { PbxSignal } from '../../guard/agent-source.ts';
import { answeredByValue, type DispositionVariable, methodOf } from '../variable-disposition.ts';
import type { BridgeTopology, Channel } from './bridge-topology.ts';

/**
 * What to tell of who answered: of the customer's own channel, or, where detection ran on a Local channel, of the
 * customer behind it. Once for each word; none where the word says nothing of it.
 *
 * @param words the variable and what its values mean; null where none is looked at
 * @param word its value
 */
export function dispositionSignals(
  topology: BridgeTopology,
  channelId: string,
  words: DispositionVariable | null,
  word: string,
): readonly PbxSignal[] {
  const answeredBy = words === null ? null : answeredByValue(words, word);
  if (words === null || answeredBy === null) return [];
  return customersBehind(topology, channelId).flatMap((customer) => {
    if (customer.call === null || customer.toldDisposition === word) return [];
    customer.toldDisposition = word;
    return [{ type: 'disposition', call: customer.call, answeredBy, method: methodOf(words, word) }] as const;
  });
}

function customersBehind(topology: BridgeTopology, channelId: string): readonly Channel[] {
  const channel = topology.channel(channelId);
  if (channel === null) return [];
  if (channel.isCustomer) return [channel];
  return channel.parts.otherHalf === null ? [] : topology.connected(channelId).filter(({ isCustomer }) => isCustomer);
}
