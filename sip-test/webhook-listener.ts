/**
 * The receiver of the outcomes: checks each delivery's Standard Webhooks signature with code of its own, and its data
 * against the public schema.
 */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { type CampaignAlertData, campaignAlertSchema } from '../src/policy/campaign-threshold.ts';
import { type CorrectedOutcome, correctedOutcomeSchema } from '../src/policy/outcome-correction.ts';
import { type OutcomeRecord, outcomeRecordSchema } from '../src/policy/outcome-record.ts';
import { hearOnFailure, type Moment } from './story.ts';

/** One accepted delivery; `atMs` is the wall clock. */
export type Delivery = { readonly atMs: number; readonly webhookId: string; readonly outcome: OutcomeRecord };

/** One accepted correction. */
export type Correction = { readonly webhookId: string; readonly outcome: CorrectedOutcome };

/** One accepted alert of a campaign: `campaign.breached` where it has no threshold. */
export type Alert = { readonly webhookId: string; readonly alert: CampaignAlertData };

/** How far a signature's time may be off (Standard Webhooks leaves it to the receiver). */
const TIMESTAMP_TOLERANCE_S = 300;

/** An HTTP server that takes outcomes. */
export class WebhookListener {
  readonly url: string;
  /** `whsec_` and base64, for the sender. */
  readonly secret: string;
  /** Deliveries in the order of arrival; one event may come more than once, under one `webhook-id`. */
  readonly deliveries: Delivery[] = [];
  /** Corrections in the order of arrival, repeated deliveries included. */
  readonly corrections: Correction[] = [];
  /** Alerts in the order of arrival, repeated deliveries included. */
  readonly alerts: Alert[] = [];
  /** What was wrong with the deliveries that were refused. */
  readonly problems: string[] = [];
  readonly #events: OutcomeRecord[] = [];
  readonly #server: Server;
  readonly #key: Buffer;

  private constructor(url: string, key: Buffer, server: Server) {
    this.url = url;
    this.secret = `whsec_${key.toString('base64')}`;
    this.#key = key;
    this.#server = server;
    hearOnFailure(this);
  }

  static async open(address: string): Promise<WebhookListener> {
    const server = createServer();
    server.listen(0, address);
    await once(server, 'listening');
    const bound = server.address();
    const port = typeof bound === 'object' && bound !== null ? bound.port : 0;
    const listener = new WebhookListener(`http://${address}:${port}/outcomes`, randomBytes(24), server);
    server.on('request', (request, response) => {
      listener.#take(request).then(
        () => response.writeHead(204).end(),
        (problem: unknown) => {
          listener.problems.push(String(problem));
          response.writeHead(400).end();
        },
      );
    });
    return listener;
  }

  /** The outcome of a call, as soon as it has come. */
  async outcome(dialerCallId: string, withinMs = 10_000): Promise<OutcomeRecord> {
    const until = Date.now() + withinMs;
    for (;;) {
      const [found] = this.deliveriesOf(dialerCallId);
      if (found !== undefined) return found.outcome;
      if (this.problems.length > 0) throw new Error(`a webhook was wrong: ${this.problems.join('; ')}`);
      if (Date.now() > until) throw new Error(`no outcome of ${dialerCallId} within ${withinMs} ms`);
      await sleep(10);
    }
  }

  /** One correction of a call's outcome, as soon as it has come. */
  async correction(callId: string, sequence: number, withinMs = 10_000): Promise<Correction> {
    const until = Date.now() + withinMs;
    for (;;) {
      const found = this.corrections.find(({ outcome }) => outcome.callId === callId && outcome.sequence === sequence);
      if (found !== undefined) return found;
      if (Date.now() > until) throw new Error(`no correction ${sequence} of ${callId} within ${withinMs} ms`);
      await sleep(10);
    }
  }

  /** The sequence numbers of a call's events in the order in which they came first. */
  eventsOf(callId: string): readonly number[] {
    const ofCall = this.#events.filter((event) => event.callId === callId);
    return [...new Set(ofCall.map(({ sequence }) => sequence))];
  }

  /** Every outcome, for a failure's story. */
  moments(): readonly Moment[] {
    return this.deliveries.map(({ atMs, outcome }) => {
      const { network, handling, class: category, endedBy, endCause, ringMs, waitMs, talkMs, sip } = outcome;
      const what = { network, handling, class: category, endedBy, endCause, ringMs, waitMs, talkMs };
      return { atMs, text: `outcome of ${sip.dialerCallId?.slice(-14)} ${JSON.stringify(what)}` };
    });
  }

  /** Every delivery for a call. */
  deliveriesOf(dialerCallId: string): readonly Delivery[] {
    return this.deliveries.filter(({ outcome }) => outcome.sip.dialerCallId === dialerCallId);
  }

  /** How many different outcomes a call was given: one, whatever the number of deliveries. */
  outcomesOf(dialerCallId: string): number {
    return new Set(this.deliveriesOf(dialerCallId).map(({ webhookId }) => webhookId)).size;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  async #take(request: IncomingMessage): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(Buffer.from(chunk));
    const body = Buffer.concat(chunks).toString('utf8');
    const webhookId = this.#verified(request, body);
    const event: unknown = JSON.parse(body);
    if (typeof event !== 'object' || event === null || !('type' in event)) throw new Error('no event');
    const data = 'data' in event ? event.data : undefined;
    if (event.type === 'call.outcome') {
      const outcome = outcomeRecordSchema.parse(data);
      this.deliveries.push({ atMs: Date.now(), webhookId, outcome });
      this.#events.push(outcome);
    } else if (event.type === 'call.outcome_corrected') {
      const outcome = correctedOutcomeSchema.parse(data);
      this.corrections.push({ webhookId, outcome });
      this.#events.push(outcome);
    } else if (event.type === 'campaign.threshold' || event.type === 'campaign.breached') {
      const alert = campaignAlertSchema.parse(data);
      if ((alert.threshold === null) !== (event.type === 'campaign.breached'))
        throw new Error('an alert of both kinds');
      this.alerts.push({ webhookId, alert });
    } else {
      throw new Error(`not an event of ours: ${event.type}`);
    }
  }

  /** Standard Webhooks: HMAC-SHA256 over `id.timestamp.body`, base64, as one of the `v1,…` in the header. */
  #verified(request: IncomingMessage, body: string): string {
    const [id, timestamp, signatures] = ['webhook-id', 'webhook-timestamp', 'webhook-signature'].map((name) =>
      String(request.headers[name] ?? ''),
    );
    if (!id || !timestamp || !signatures) throw new Error('a Standard Webhooks header is missing');
    if (Math.abs(Date.now() / 1_000 - Number(timestamp)) > TIMESTAMP_TOLERANCE_S)
      throw new Error(`webhook-timestamp ${timestamp} is not now`);
    const expected = Buffer.from(
      `v1,${createHmac('sha256', this.#key).update(`${id}.${timestamp}.${body}`).digest('base64')}`,
    );
    const isOurs = (given: string) => {
      const signature = Buffer.from(given);
      return signature.length === expected.length && timingSafeEqual(signature, expected);
    };
    if (!signatures.split(' ').some(isOurs)) throw new Error(`webhook ${id} has no valid signature`);
    return id;
  }
}
