import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { fakeClock } from '../../testing/fake-clock.ts';
import { TLS_LOOK_MS, watchTlsFiles } from './tls-watch.ts';

const dir = mkdtempSync(join(tmpdir(), 'brusio-tls-watch-'));
const files = { certificate: join(dir, 'a.pem'), key: join(dir, 'a.key'), ca: null };

afterEach(() => rmSync(dir, { recursive: true, force: true }));

describe('the files of TLS', () => {
  it('are read again when they have changed, and only once both stand still', async () => {
    const clock = fakeClock();
    let changes = 0;
    writeFileSync(files.certificate, 'one');
    writeFileSync(files.key, 'one');
    const watch = watchTlsFiles(files, clock, () => changes++);
    // The next look is set once the last one is over.
    const looked = async () => {
      while (clock.pendingTimers() === 0) await turn();
    };
    const look = async () => {
      clock.advance(TLS_LOOK_MS);
      await looked();
      return changes;
    };
    await looked();
    expect(await look()).toBe(0);
    writeFileSync(files.certificate, 'another');
    expect(await look()).toBe(0);
    writeFileSync(files.key, 'another');
    expect(await look()).toBe(0);
    expect(await look()).toBe(1);
    expect(await look()).toBe(1);
    rmSync(files.key);
    expect(await look()).toBe(1);
    expect(await look()).toBe(2);
    watch?.close();
    expect(clock.pendingTimers()).toBe(0);
  });

  it('are not watched where there are none', () => {
    expect(watchTlsFiles({ certificate: null, key: null, ca: null }, fakeClock(), () => undefined)).toBeNull();
  });
});
