import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { systemClock, type WallMs } from '../../base/clock.ts';
import { rootDraft, rootText } from '../../ledger/system-drafts.ts';
import type { Database } from '../database.ts';
import { type DatabasePlace, databasePlace } from '../database-place.ts';
import { commitGroup } from '../group-commit.ts';
import { openDatabase } from '../open-database.ts';
import { verifyLedger } from '../verify/verify-ledger.ts';
import { timestampLastRoot } from './timestamp-root.ts';

const AT = Date.UTC(2026, 10, 20, 23) as WallMs;
const HEADS = [{ chain: 'guard-1', seq: 1, hash: 'ab'.repeat(32) }];

const CONFIG = `
[req]
distinguished_name = name
prompt = no
x509_extensions = ext
[name]
CN = Brusio test authority
[ext]
basicConstraints = critical,CA:TRUE
extendedKeyUsage = critical,timeStamping
[tsa]
default_tsa = here
[here]
serial = ./serial
signer_cert = ./cert.pem
signer_key = ./key.pem
signer_digest = sha256
default_policy = 1.2.3.4
digests = sha256
accuracy = secs:1
ordering = yes
`;

let authority: string;
let server: Server;
let url: string;
/** What becomes of each answer before it is sent. */
let spoil: (answer: Buffer) => Buffer;

beforeAll(async () => {
  authority = await mkdtemp(join(tmpdir(), 'brusio-tsa-'));
  writeFileSync(join(authority, 'tsa.cnf'), CONFIG);
  writeFileSync(join(authority, 'serial'), '01');
  const key = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', 'key.pem', '-out', 'cert.pem'];
  openssl([...key, '-days', '2', '-config', 'tsa.cnf']);
  server = createServer(async (request, response) => {
    const octets = Buffer.concat(await request.toArray());
    writeFileSync(join(authority, 'query.tsq'), octets);
    openssl(['ts', '-reply', '-config', 'tsa.cnf', '-queryfile', 'query.tsq', '-out', 'reply.tsr']);
    response.setHeader('content-type', 'application/timestamp-reply');
    response.end(spoil(readFileSync(join(authority, 'reply.tsr'))));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
});
afterAll(async () => {
  server.close();
  await rm(authority, { recursive: true });
});

function openssl(args: readonly string[]): string {
  return execFileSync('openssl', [...args], { cwd: authority, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

describe('RFC 3161: the latest root', () => {
  let dataDir: string;
  let place: DatabasePlace;
  let database: Database;

  beforeEach(async () => {
    spoil = (answer) => answer;
    dataDir = await mkdtemp(join(tmpdir(), 'brusio-timestamp-'));
    place = databasePlace({ url: null, dataDir, process: 'guard-1' });
    database = await openDatabase(place, systemClock);
  });
  afterEach(async () => {
    await database.close();
    await rm(dataDir, { recursive: true });
  });

  async function writeRoot(): Promise<void> {
    const connection = await database.connection();
    const changes = [{ op: 'ledger', drafts: [rootDraft('2026-11-20', [])], at: AT } as const];
    await commitGroup(connection, 'guard-1', { token: 'one', changes }, null);
  }
  const written = async () =>
    (await (await database.connection()).execute("SELECT body FROM ledger WHERE kind = 'timestamp'")).rows;

  it('is signed by an authority, beside the process that writes, and the token verifies', async () => {
    await writeRoot();
    const signed = await timestampLastRoot(place, url, systemClock);
    expect(signed).toMatchObject({ day: '2026-11-20', root: { chain: 'guard-1', seq: 1 } });
    expect(Math.abs(Date.parse(signed.time) - Date.now())).toBeLessThan(60_000);
    const [row] = await written();
    const body = JSON.parse(String(row?.body)) as { token: string; authority: string };
    expect(body.authority).toBe(url);
    writeFileSync(join(authority, 'token.der'), Buffer.from(body.token, 'base64'));
    writeFileSync(join(authority, 'root.json'), rootText('2026-11-20', []));
    const token = ['-in', 'token.der', '-token_in', '-CAfile', 'cert.pem'];
    expect(openssl(['ts', '-verify', '-data', 'root.json', ...token])).toContain('Verification: OK');
    writeFileSync(join(authority, 'root.json'), rootText('2026-11-20', HEADS));
    expect(() => openssl(['ts', '-verify', '-data', 'root.json', ...token])).toThrow();
    expect(await verifyLedger(place, systemClock)).toMatchObject({ faults: [], tables: [], roots: 1, timestamps: 1 });
  });

  it.each<[string, (answer: Buffer) => Buffer, string]>([
    ['that is cut off', (answer) => answer.subarray(0, 40), 'no'],
    ['of another question', (answer) => replaced(answer, nonceOf()), 'nonce'],
    ['of another hash', (answer) => replaced(answer, imprintOf()), 'another hash'],
    ['that refuses', () => Buffer.from('30053003020102', 'hex'), 'refused: status 2'],
  ])('is not taken as signed by an answer %s', async (_, change, words) => {
    await writeRoot();
    spoil = change;
    await expect(timestampLastRoot(place, url, systemClock)).rejects.toMatchObject({
      code: 'ledger.no-timestamp',
      message: expect.stringContaining(words),
    });
    expect(await written()).toEqual([]);
  });

  it('is asked for only where there is one', async () => {
    await expect(timestampLastRoot(place, url, systemClock)).rejects.toMatchObject({ code: 'ledger.no-root' });
  });
});

/** The last octets of what was asked: the nonce, before certReq. */
function nonceOf(): Buffer {
  return readFileSync(join(authority, 'query.tsq')).subarray(-7, -3);
}

function imprintOf(): Buffer {
  const query = readFileSync(join(authority, 'query.tsq'));
  const at = query.indexOf(Buffer.from('0420', 'hex'));
  return query.subarray(at + 2, at + 34);
}

/** The answer with the last of these octets changed, wherever they stand. */
function replaced(answer: Buffer, octets: Buffer): Buffer {
  const changed = Buffer.from(answer);
  for (let at = changed.indexOf(octets); at !== -1; at = changed.indexOf(octets, at + 1)) {
    const last = at + octets.length - 1;
    changed[last] = (changed[last] ?? 0) ^ 1;
  }
  return changed;
}
