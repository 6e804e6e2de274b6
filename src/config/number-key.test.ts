import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { WallMs } from '../base/clock.ts';
import { dropNumberKeys, NUMBER_KEYS_MAX, numberKeysOf, readNumberKeys, rotateNumberKey } from './number-key.ts';

const START = Date.parse('2026-11-22T15:00:00Z') as WallMs;
const LATER = Date.parse('2027-01-31T08:00:00Z') as WallMs;

const scratch = mkdtempSync(join(tmpdir(), 'brusio-key-'));
afterAll(() => rmSync(scratch, { recursive: true }));

const newPath = () => join(mkdtempSync(join(scratch, 'of-a-test-')), 'data', 'number-key');

describe("the number keys' file", () => {
  it('is made at the first start, readable by its owner alone, and read at the next', () => {
    const path = newPath();
    const [key, ...others] = numberKeysOf(path, START);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(others).toEqual([]);
    expect(key).toMatchObject({ createdAt: START, secret: expect.objectContaining({ length: 32 }) });
    expect(numberKeysOf(path, LATER)).toEqual([key]);
    expect(readdirSync(join(path, '..'))).toEqual(['number-key']);
  });

  it('has a key that no other file has', () => {
    expect(numberKeysOf(newPath(), START)[0].id).not.toBe(numberKeysOf(newPath(), START)[0].id);
  });

  it.each([0o640, 0o604, 0o660])('is refused in plain words when others may read it (mode %o)', (mode) => {
    const path = newPath();
    numberKeysOf(path, START);
    chmodSync(path, mode);
    expect(() => numberKeysOf(path, LATER)).toThrow(
      `${path} can be read by others (mode 0${mode.toString(8)}): whoever has these keys can find numbers again that were dropped. Run "chmod 600 ${path}"`,
    );
  });

  it.each([
    ['an empty file', () => '', 'it holds no key'],
    ['a cut line', (text: string) => text.slice(0, -10), 'is not "id created base64"'],
    [
      'an edited key',
      (text: string) => text.replace(/.=\n$/, 'A=\n').replace(/ [A-Za-z0-9+/]{4}(?=[^ ]*\n$)/, ' AAAA'),
      'with a key that has this id',
    ],
    ['a key twice', (text: string) => text + text, 'repeats the key'],
    ['a file of another kind', () => 'x'.repeat(20_000), 'it has 20000 octets'],
  ])('is refused when it is %s, and its key is not told', (_what, damage, problem) => {
    const path = newPath();
    const [{ secret }] = numberKeysOf(path, START);
    writeFileSync(path, damage(readFileSync(path, 'utf8')));
    let message = '';
    try {
      numberKeysOf(path, LATER);
    } catch (thrown) {
      message = String(thrown);
    }
    expect(message).toContain(problem);
    expect(message).not.toContain(Buffer.from(secret).toString('base64').slice(0, 20));
  });

  it('is not made by who only reads it', () => {
    expect(() => readNumberKeys(newPath())).toThrow('ENOENT');
  });
});

describe('a rotation', () => {
  it('puts a new key first, keeps the old ones, and the file stays tight', () => {
    const path = newPath();
    const [old] = numberKeysOf(path, START);
    const [newest, ...kept] = rotateNumberKey(path, LATER);
    expect(newest.id).not.toBe(old.id);
    expect(newest.createdAt).toBe(LATER);
    expect(kept).toEqual([old]);
    expect(numberKeysOf(path, LATER)).toEqual([newest, old]);
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it('stops at the most keys', () => {
    const path = newPath();
    numberKeysOf(path, START);
    for (let keys = 1; keys < NUMBER_KEYS_MAX; keys += 1) rotateNumberKey(path, LATER);
    expect(() => rotateNumberKey(path, LATER)).toThrow('brusio number-key prune');
  });

  it('is refused while another one is under way', () => {
    const path = newPath();
    const keys = numberKeysOf(path, START);
    writeFileSync(`${path}.new`, '');
    expect(() => rotateNumberKey(path, LATER)).toThrow(`${path}.new is there`);
    expect(readNumberKeys(path)).toEqual(keys);
  });
});

describe('keys that are not needed any more', () => {
  it('are dropped, but never the newest', () => {
    const path = newPath();
    const [oldest] = numberKeysOf(path, START);
    const [middle] = rotateNumberKey(path, LATER);
    const [newest] = rotateNumberKey(path, LATER);
    expect(dropNumberKeys(path, new Set([oldest.id, newest.id]))).toEqual([newest, middle]);
    expect(readNumberKeys(path)).toEqual([newest, middle]);
  });
});
