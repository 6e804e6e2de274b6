/** Takes webhooks on a free port: verifies every signature, and hands on the outcomes. */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import { systemClock } from '../../src/base/clock.ts';
import type { OutcomeRecord } from '../../src/policy/outcome-record.ts';
import { verifyWebhook, type WebhookHeaders } from '../../src/webhook/signature.ts';

/** One delivery of an outcome. */
export type SignedOutcome = { readonly webhookId: string; readonly body: string; readonly outcome: OutcomeRecord };

/** A running receiver. */
export type SignedReceiver = {
  readonly url: string;
  readonly secret: string;
  /** Bodies that were not signed, or no event of ours. */
  wrong(): number;
  close(): Promise<void>;
};

/** @param take answers each delivery of an outcome with a status; other events, limits of campaigns, are taken unseen */
export async function openSignedReceiver(
  address: string,
  take: (signed: SignedOutcome) => number,
): Promise<SignedReceiver> {
  const secret = `whsec_${randomBytes(24).toString('base64')}`;
  let wrong = 0;
  const server = createServer((request, response) => {
    received(request).then(
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

  async function received(request: IncomingMessage): Promise<number> {
    let body = '';
    request.setEncoding('utf8');
    for await (const chunk of request) body += chunk;
    const verdict = verifyWebhook([secret], request.headers as WebhookHeaders, body, systemClock.now().wallMs);
    if (!verdict.ok) throw new Error('not signed by Brusio');
    const { type, data } = JSON.parse(body) as { type: string; data: OutcomeRecord };
    if (type !== 'call.outcome') return 204;
    return take({ webhookId: String(request.headers['webhook-id']), body, outcome: data });
  }

  return {
    url: `http://${address}:${port}/outcomes`,
    secret,
    wrong: () => wrong,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
