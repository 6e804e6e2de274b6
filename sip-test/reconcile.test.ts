import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import { CARRIER, DIALER_ADDRESS } from './engine-under-test.ts';
import type { SipTrace } from './sip-trace.ts';
import { TestBed } from './test-bed.ts';
import { workFolder } from './work-folder.ts';

const ANSWERED = 3;

/** One row of a CDR file from what the carrier's SIPp saw on the wire of one call; its clock is 2.5 s ahead of ours. */
function cdrOf(trace: SipTrace): string {
  const [invite] = trace.received('INVITE');
  const [final] = trace.messages.filter(({ direction, status }) => direction === 'sent' && (status ?? 0) >= 200);
  const bye = trace.messages.find(({ method }) => method === 'BYE');
  const clock = (message: { readonly atMs: number } | undefined) =>
    message === undefined ? '' : Math.round(message.atMs + 2_500);
  const isAnswered = final?.status === 200;
  const answered = isAnswered ? final : undefined;
  const seconds = answered === undefined || bye === undefined ? 0 : Math.ceil((bye.atMs - answered.atMs) / 1_000);
  const number = /^INVITE sips?:([^@;]+)@/.exec(invite?.startLine ?? '')?.[1] ?? '';
  return [number, clock(invite), clock(answered), seconds, final?.status ?? ''].join(',');
}

const MAPPING = `
number: { column: called }
times: { start: setup, answer: connect, format: epoch-ms }
duration: { column: billed, rounded: up }
outcome: { column: code, codes: sip }
`;

describe('a carrier’s CDR file, written from what its switch saw', () => {
  let bed: TestBed;
  beforeAll(async () => {
    bed = await TestBed.open();
    return () => bed.close();
  });

  it('is reconciled beside the running Brusio: only what it says wrongly is a difference', async () => {
    const calleeRtp = await bed.rtpEnd(CARRIER.address);
    const carrier = await bed.carrier('carrier-answers', calleeRtp, ANSWERED);
    const dialerRtp = await bed.rtpEnd(DIALER_ADDRESS);
    const dialers = Array.from({ length: ANSWERED }, () =>
      bed.dialer('dialer-waits-for-bye', dialerRtp, bed.newNumber()),
    );
    await Promise.all(dialers.map((dialer) => dialer.finished()));
    const answered = await carrier.finished();
    const busy = await (await bed.call({ dialer: 'dialer-is-refused', carrier: 'carrier-is-busy' })).ended();
    for (const { callIds } of dialers) await bed.webhooks.outcome(callIds[0] ?? '');

    const rows = [...answered.callIds().map((callId) => answered.call(callId)), busy.carrier].map(cdrOf);
    const [first = '', second = '', , fourth = ''] = rows;
    const folder = workFolder('cdr');
    writeFileSync(join(folder, 'mapping.yaml'), MAPPING);
    const heading = 'called,setup,connect,billed,code';

    writeFileSync(join(folder, 'honest.csv'), [heading, ...rows].join('\n'));
    const honest = await reconcile(join(folder, 'honest.csv'), join(folder, 'mapping.yaml'), bed.brusio.dataDir);
    expect(honest.report).toMatchObject({ matched: 4, alike: 4, differences: [], kinds: { 'only-brusio': 0 } });
    expect(
      Math.abs(honest.report.clock.offsetMs - 2_500),
      'its clock is found out, to what loopback takes',
    ).toBeLessThan(500);
    expect(honest.status).toBe(0);

    // A silent call that the carrier calls busy, one that it does not know, and one that never was.
    const [number = '', setup = ''] = second.split(',');
    const wrong = [heading, first, `${number},${setup},,0,486`, fourth, first.replace(/^\+?\d+/, '+393335559999')];
    writeFileSync(join(folder, 'wrong.csv'), wrong.join('\r\n'));
    const { report, status } = await reconcile(
      join(folder, 'wrong.csv'),
      join(folder, 'mapping.yaml'),
      bed.brusio.dataDir,
    );
    expect(status).toBe(1);
    expect(report).toMatchObject({ matched: 3, alike: 2, unattributed: 1 });
    expect(report.differences).toMatchObject([
      { kinds: ['answered-at-brusio'], line: 3, brusio_network: 'answered', class: 'A', carrier_network: 'busy' },
      { kinds: ['only-carrier'], line: 5, carrier_network: 'answered' },
      { kinds: ['only-brusio'], class: 'A', class_if_carrier_right: 'none' },
    ]);
    expect(report.effects[0]).toMatchObject({
      counted: { silent: 3, handled: 0 },
      ifCarrierRight: { silent: 1, handled: 0 },
    });
  });
});

/** `brusio reconcile` on that database: its report and exit status. */
async function reconcile(file: string, mapping: string, dataDir: string) {
  const started = promisify(execFile)(
    process.execPath,
    ['src/main.ts', 'reconcile', file, '--mapping', mapping, '--json'],
    {
      env: { PATH: process.env.PATH, BRUSIO_DATA: dataDir },
    },
  );
  const { stdout, code } = await started.then(
    (done) => ({ ...done, code: 0 }),
    (failed: { stdout: string; code: number }) => failed,
  );
  return { report: JSON.parse(stdout), status: code };
}
