/** Outcomes as webhooks: one row per endpoint, with the exact body that will be signed and sent. */
import { hash } from 'node:crypto';
import { toIso } from '../base/clock.ts';
import type { OutcomeWebhooks } from '../guard/ports.ts';
import type { WebhookEndpoint } from './webhook-endpoint.ts';

/** The function that turns an outcome into its rows; none without endpoints. */
export function outcomeWebhooks(endpoints: readonly Pick<WebhookEndpoint, 'name'>[]): OutcomeWebhooks {
  return (record, callId, at) => {
    const body = JSON.stringify({ type: 'call.outcome', timestamp: toIso(at), data: record });
    return endpoints.map(({ name }) => ({
      id: messageId(callId, record.sequence, name),
      callId,
      type: 'call.outcome',
      endpoint: name,
      body,
    }));
  };
}

/**
 * `msg_` and 32 hexadecimal digits, made from what is told to whom: the same event never has two ids, whatever crash
 * or restored backup comes between.
 */
function messageId(callId: string, sequence: number, endpoint: string): string {
  return `msg_${hash('sha256', `${callId} ${sequence} ${endpoint}`, 'hex').slice(0, 32)}`;
}
