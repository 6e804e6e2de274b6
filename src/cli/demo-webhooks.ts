import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { isDeepStrictEqual } from 'node:util';
import type { Clock } from '../base/clock.ts';
import { type OutcomeRecord, outcomeRecordSchema } from '../policy/outcome-record.ts';
import { verifyWebhook } from '../webhook/signature.ts';
import { DEMO_ADDRESS } from './demo-settings.ts';

/** One webhook as it came in. */
export type ReceivedWebhook = {
  readonly id: string;
  /** Why it must not be believed; null when its signature is good. */
  readonly signatureProblem: string | null;
  readonly type: string;
  readonly data: unknown;
};

/** A listener for webhooks on loopback. */
export type WebhookListener = {
  readonly url: string;
  /** Everything received, in order; repeated deliveries too. */
  received(): readonly ReceivedWebhook[];
  close(): Promise<void>;
};

/** A larger body is refused: an outcome has some 2 KiB. */
const BODY_OCTETS_MAX = 65_536;

/** Webhooks kept; the oldest are forgotten first. */
const RECEIVED_MAX = 1_000;

/** Listens on a free port, checks every signature against `secret` and answers 204, or 401 to a bad one. */
export async function listenForWebhooks(secret: string, clock: Clock): Promise<WebhookListener> {
  const received: ReceivedWebhook[] = [];
  const server = createServer(async (request, response) => {
    const body = await bodyOf(request);
    if (body === null) {
      response.writeHead(413).end();
      return;
    }
    const webhook = readWebhook(request, body);
    received.push(webhook);
    if (received.length > RECEIVED_MAX) received.shift();
    response.writeHead(webhook.signatureProblem === null ? 204 : 401).end();
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, DEMO_ADDRESS, resolve);
  });
  const { port } = server.address() as AddressInfo;

  return {
    url: `http://${DEMO_ADDRESS}:${port}/webhooks`,
    received: () => received,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };

  function readWebhook(request: IncomingMessage, body: Buffer): ReceivedWebhook {
    const { type = '', data = null } = parseJson(body) ?? {};
    const {
      'webhook-id': id,
      'webhook-timestamp': timestamp,
      'webhook-signature': signature,
    } = request.headers as Record<string, string | undefined>;
    const headers = { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signature };
    const verdict = verifyWebhook([secret], headers, body.toString('utf8'), clock.now().wallMs);
    return {
      id: id ?? '',
      signatureProblem: verdict.ok ? null : `the signature is refused: ${verdict.problem}`,
      type: String(type),
      data,
    };
  }
}

/** What is wrong with the webhooks of one call, in sentences. */
export function webhookProblems(outcome: OutcomeRecord, received: readonly ReceivedWebhook[]): string[] {
  const mine = received.filter((one) => callIdOf(one.data) === outcome.callId);
  const problems = mine.flatMap((one) => (one.signatureProblem === null ? [] : [`webhook: ${one.signatureProblem}`]));
  const outcomes = mine.filter((one) => one.type === 'call.outcome');
  const ids = new Set(outcomes.map((one) => one.id));
  if (ids.size !== 1) problems.push(`${ids.size} outcome webhooks, expected 1`);
  for (const { data } of outcomes.slice(0, 1)) {
    if (!outcomeRecordSchema.safeParse(data).success) problems.push('the webhook is not what its schema says');
    if (!isDeepStrictEqual(data, outcome)) problems.push('the webhook differs from the outcome Brusio recorded');
  }
  return problems;
}

/** Brusio's id of the call that a webhook's data is about, or null. */
export function callIdOf(data: unknown): string | null {
  return typeof data === 'object' && data !== null && 'callId' in data ? String(data.callId) : null;
}

async function bodyOf(request: IncomingMessage): Promise<Buffer | null> {
  const chunks: Buffer[] = [];
  let octets = 0;
  for await (const chunk of request) {
    octets += (chunk as Buffer).length;
    if (octets > BODY_OCTETS_MAX) return null;
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks);
}

function parseJson(body: Buffer): { type?: unknown; data?: unknown } | null {
  try {
    const parsed: unknown = JSON.parse(body.toString('utf8'));
    return typeof parsed === 'object' ? parsed : null;
  } catch {
    return null;
  }
}
