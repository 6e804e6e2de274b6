/** Takes the outcomes of a load: verifies every signature, counts what came, keeps the two times that matter. */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import { systemClock } from '../../src/base/clock.ts';
import type { OutcomeRecord } from '../../src/policy/outcome-record.ts';
import { verifyWebhook, type WebhookHeaders } from '../../src/webhook/signature.ts';

/** What came since the last `takeWindow`. */
export type OutcomeWindow = {
  readonly outcomes: number;
  /** `network handling class endCause`, with how many each. */
  readonly byKind: Readonly<Record<string, number>>;
  /** 2xx received to first ambience packet sent, as Brusio itself tells it, ms. */
  readonly firstPacketMs: readonly number[];
  /** Answer to the end of the wait, ms, of the calls that ended at the deadline. */
  readonly waitMs: readonly number[];
};

/** A running receiver. */
export type WebhookSink = {
  readonly url: string;
  readonly secret: string;
  /** Different outcomes so far. */
  total(): number;
  /** Deliveries of an outcome that had come before: allowed, worth knowing. */
  repeated(): number;
  /** Bodies that were not an outcome, or not signed. */
  wrong(): number;
  /** The outcome of a call by its dialer leg's Call-ID: every different one that came. */
  outcomesOf(dialerCallId: string): readonly OutcomeRecord[];
  takeWindow(): OutcomeWindow;
  close(): Promise<void>;
};

/** Listens on a free port. `keep` keeps every outcome, by its Call-ID; a long load would not fit. */
export async function openWebhookSink(address: string, keep = false): Promise<WebhookSink> {
  const secret = `whsec_${randomBytes(24).toString('base64')}`;
  const seen = new Set<string>();
  const kept = new Map<string, OutcomeRecord[]>();
  let [total, repeated, wrong] = [0, 0, 0];
  let byKind: Record<string, number> = {};
  let firstPacketMs: number[] = [];
  let waitMs: number[] = [];
  const server = createServer((request, response) => {
    take(request).then(
      () => response.writeHead(204).end(),
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

  async function take(request: IncomingMessage): Promise<void> {
    let body = '';
    request.setEncoding('utf8');
    for await (const chunk of request) body += chunk;
    const verdict = verifyWebhook([secret], request.headers as WebhookHeaders, body, systemClock.now().wallMs);
    if (!verdict.ok) throw new Error('not signed by Brusio');
    const { type, data } = JSON.parse(body) as { type: string; data: OutcomeRecord };
    // Limits of campaigns that are passed: of no interest to a load.
    if (type !== 'call.outcome') return;
    const id = String(request.headers['webhook-id']);
    if (seen.has(id)) {
      repeated += 1;
      return;
    }
    seen.add(id);
    total += 1;
    if (keep) kept.set(data.sip.dialerCallId, [...(kept.get(data.sip.dialerCallId) ?? []), data]);
    const kind = `${data.network} ${data.handling} ${data.class ?? '-'} ${data.endCause}`;
    byKind[kind] = (byKind[kind] ?? 0) + 1;
    if (data.comfortNoise !== null) firstPacketMs.push(data.comfortNoise.startedAfterMs);
    if (data.endCause === 'deadline') waitMs.push(data.waitMs);
  }

  return {
    url: `http://${address}:${port}/outcomes`,
    secret,
    total: () => total,
    repeated: () => repeated,
    wrong: () => wrong,
    outcomesOf: (dialerCallId) => kept.get(dialerCallId) ?? [],
    takeWindow() {
      const window = { outcomes: Object.values(byKind).reduce((a, b) => a + b, 0), byKind, firstPacketMs, waitMs };
      byKind = {};
      firstPacketMs = [];
      waitMs = [];
      return window;
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
