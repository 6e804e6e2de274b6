/** The scanner that every SIP server on the internet meets: what it learns of Brusio, from outside and from within. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { beforeAll, describe, expect, it } from 'vitest';
import { metricSum } from './brusio-api.ts';
import { DIALER_ADDRESS, TARGET } from './engine-under-test.ts';
import { TestBed } from './test-bed.ts';
import { workFolder } from './work-folder.ts';

/**
 * It speaks from a port of every address of the machine, from this one on; by default from 5060, which other tests' Brusios
 * want at the same time.
 */
const LOCAL_PORT = '25060';

/** svwar and svcrack bind no address: they speak from the address that leads to the target. */
const SCANNER_ADDRESS = '127.0.0.1';

/** How long svwar and svcrack go on without an answer. */
const SILENCE_S = '2';

const UNLISTED = /unlisted/;

/** Runs one of sipvicious' programs to its end; what it printed, on either output. */
async function scan(program: 'svmap' | 'svwar' | 'svcrack', ...args: readonly string[]): Promise<string> {
  const child = spawn(program, ['-p', String(TARGET.port), '-P', LOCAL_PORT, ...args, TARGET.address], {
    // It writes a database of its sessions into the home folder.
    env: { PATH: process.env.PATH, HOME: workFolder('sipvicious') },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => {
      said += chunk.toString();
    });
  await once(child, 'close');
  return said;
}

const METHODS = ['OPTIONS', 'REGISTER', 'INVITE', 'FOO'] as const;

describe('sipvicious from an address that is no listed dialer', () => {
  let bed: TestBed;
  beforeAll(async () => {
    bed = await TestBed.open({ BRUSIO_DIALERS: `${DIALER_ADDRESS}/32` });
    return () => bed.close();
  });

  it('finds nothing, extensions and passwords included, and is counted', async () => {
    const before = metricSum(await bed.brusio.api.metrics(), UNLISTED);
    const said = await Promise.all([
      ...METHODS.map((method) => scan('svmap', '-m', method)),
      ...['REGISTER', 'INVITE', 'OPTIONS'].map((method) =>
        scan('svwar', '-m', method, '-e', '100-105', '--force', '--maximumtime', SILENCE_S),
      ),
      scan('svcrack', '-u', '100', '-r', '100-105', '--maximumtime', SILENCE_S),
    ]);
    for (const one of said) expect(one).toMatch(/found nothing/);
    const counted = metricSum(await bed.brusio.api.metrics(), UNLISTED) - before;
    expect(counted).toBeGreaterThanOrEqual(METHODS.length);
  });
});

describe('sipvicious from a listed dialer', () => {
  let bed: TestBed;
  beforeAll(async () => {
    bed = await TestBed.open({ BRUSIO_DIALERS: `${DIALER_ADDRESS}/32,${SCANNER_ADDRESS}/32` });
    return () => bed.close();
  });

  it('learns that there is a SIP server, and no extension, password or version', async () => {
    const [map = '', war = '', crack = '', ...others] = await Promise.all([
      scan('svmap', '-m', 'OPTIONS', '--debug'),
      scan('svwar', '-m', 'REGISTER', '-e', '100-105', '--maximumtime', SILENCE_S),
      scan('svcrack', '-u', '100', '-r', '100-105', '--maximumtime', SILENCE_S),
      ...['REGISTER', 'FOO'].map((method) => scan('svmap', '-m', method, '--debug')),
    ]);
    expect(map).toContain(`${TARGET.address}:${TARGET.port}`);
    // The name alone, as RFC 3261 §20.35 advises.
    expect(map).toMatch(/\| Brusio +\|/);
    // Every user and every password has the same answer: nothing tells one that exists.
    expect(war).toMatch(/found nothing/);
    expect(crack).not.toMatch(/The password for 100/i);
    const answers = new Set<string>();
    for (const said of others) {
      for (const [answer] of said.matchAll(/SIP\/2\.0 [3-6]\d\d/g)) answers.add(answer);
      expect(said).not.toMatch(/WWW-Authenticate|Proxy-Authenticate/i);
    }
    expect([...answers].sort()).toEqual(['SIP/2.0 405', 'SIP/2.0 501']);
  });
});
