/** Outcomes and their corrections as webhooks: one row per endpoint, with the exact body that will be signed and sent. */
import type { WallMs } from '../base/clock.ts';
import type { CallId } from '../call/call-facts.ts';
import type { CorrectionWebhooks, OutcomeWebhooks, WebhookRow } from '../guard/store-port.ts';
import { eventBody, messageId } from '../policy/event-message.ts';
import type { OutcomeRecord } from '../policy/outcome-record.ts';
import type { WebhookEndpoint } from './webhook-endpoint.ts';

/** The function that turns an outcome into its rows; none without endpoints. */
export function outcomeWebhooks(endpoints: Endpoints): OutcomeWebhooks {
  return (record, callId, at) => rowsOf('call.outcome', record, callId, at, endpoints);
}

/** The function that turns a corrected outcome into its rows. */
export function correctionWebhooks(endpoints: Endpoints): CorrectionWebhooks {
  return (outcome, callId, at) => rowsOf('call.outcome_corrected', outcome, callId, at, endpoints);
}

type Endpoints = readonly Pick<WebhookEndpoint, 'name'>[];

function rowsOf(
  type: WebhookRow['type'],
  data: OutcomeRecord,
  callId: CallId,
  at: WallMs,
  endpoints: Endpoints,
): readonly WebhookRow[] {
  const body = eventBody(type, at, data);
  return endpoints.map(({ name }) => ({
    id: messageId(callId, String(data.sequence), name),
    callId,
    type,
    endpoint: name,
    body,
  }));
}
