/** Takes the outcomes of a chaos run: checks each signature, and now and then does not take one, so that it comes again. */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import { systemClock } from '../../src/base/clock.ts';
import type { Random } from '../../src/base/random.ts';
import type { OutcomeRecord } from '../../src/policy/outcome-record.ts';
import { verifyWebhook, type WebhookHeaders } from '../../src/webhook/signature.ts';

/** One outcome that was taken, under the id it came with. */
export type TakenOutcome = { readonly webhookId: string; readonly body: string; readonly outcome: OutcomeRecord };

/** A running receiver. */
export type OutcomeReceiver = {
  readonly url: string;
  readonly secret: string;
  /** Every different `webhook-id` once. */
  taken(): readonly TakenOutcome[];
  /** Deliveries of one id with another body than the first: there must be none. */
  changed(): readonly string[];
  /** Bodies that were not signed, or no event of ours. */
  wrong(): number;
  /** Deliveries that were refused on purpose, and those that came again after they were taken. */
  refused(): number;
  repeated(): number;
  close(): Promise<void>;
};

/** Share of deliveries answered 503. */
const REFUSED_SHARE = 0.05;

/** Listens on a free port. */
export async function openOutcomeReceiver(address: string, random: Random): Promise<OutcomeReceiver> {
  const secret = `whsec_${randomBytes(24).toString('base64')}`;
  const taken = new Map<string, TakenOutcome>();
  const changed: string[] = [];
  const refused = new Set<string>();
  let [wrong, repeated] = [0, 0];
  const server = createServer((request, response) => {
    take(request).then(
      (status) => response.writeHead(status).end(),
      () => {
        wrong += 1;
        response.writeHead(400).end();
      },
    );
  });
  server.listen(0, address);
  await once(server, 'listening');
  const bound = server.address();
  const port = typeof bound === 'object' && bound !== null ? bound.port : 0;

  async function take(request: IncomingMessage): Promise<number> {
    let body = '';
    request.setEncoding('utf8');
    for await (const chunk of request) body += chunk;
    const verdict = verifyWebhook([secret], request.headers as WebhookHeaders, body, systemClock.now().wallMs);
    if (!verdict.ok) throw new Error('not signed by Brusio');
    const { type, data } = JSON.parse(body) as { type: string; data: OutcomeRecord };
    if (type !== 'call.outcome') return 204;
    const webhookId = String(request.headers['webhook-id']);
    // Once: after a second refusal the next attempt is minutes away.
    if (random() < REFUSED_SHARE && !refused.has(webhookId)) {
      refused.add(webhookId);
      return 503;
    }
    const before = taken.get(webhookId);
    if (before === undefined) taken.set(webhookId, { webhookId, body, outcome: data });
    else {
      repeated += 1;
      if (before.body !== body) changed.push(webhookId);
    }
    return 204;
  }

  return {
    url: `http://${address}:${port}/outcomes`,
    secret,
    taken: () => [...taken.values()],
    changed: () => changed,
    wrong: () => wrong,
    refused: () => refused.size,
    repeated: () => repeated,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
