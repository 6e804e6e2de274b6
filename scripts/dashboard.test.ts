/** The dashboard in a browser, on a running Brusio with a real call: what a person sees, and that nothing foreign gets in. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Brusio, createGuard } from '../src/app.ts';
import { systemClock } from '../src/base/clock.ts';
import { type Carrier, createCarrier } from '../src/peers/carrier.ts';
import { createDialer, type Dialer } from '../src/peers/dialer.ts';
import { type Chromium, type Page, startChromium } from './chromium.ts';

const address = '127.0.0.1';
const quiet = pino({ level: 'silent' });
const KEY = 'a-key-for-the-dashboard';
const folder = mkdtempSync(join(tmpdir(), 'brusio-dashboard-'));

let chromium: Chromium;
let page: Page;
let brusio: Brusio;
let carrier: Carrier;
let dialer: Dialer;
let base: string;

beforeAll(async () => {
  const peer = { address, port: 0, clock: systemClock, log: quiet };
  carrier = await createCarrier({ ...peer, behaviours: () => ({ kind: 'answers', ringMs: 20 }) });
  brusio = createGuard({
    settings: {
      sip: { listen: `${address}:0` },
      carriers: [{ name: 'primary', uri: `sip:${address}:${carrier.local.port}` }],
      rtp: { address, portMin: 31_000, portMax: 31_119 },
      http: { listen: `${address}:0`, apiKeys: [KEY] },
      data: { dir: folder },
    },
    log: quiet,
  });
  await brusio.start();
  const [sip = ''] = brusio.addresses().sip ?? [];
  dialer = await createDialer({ ...peer, server: { address, port: Number(sip.split(':').at(-1)) } });
  base = `http://${address}:${brusio.addresses().http.port}/`;
  chromium = await startChromium();
  page = await chromium.open();
  await page.view({ width: 1280, height: 900 });
});
afterAll(async () => {
  await chromium?.stop();
  await dialer?.stop();
  await brusio?.stop(0);
  await carrier?.stop();
  rmSync(folder, { recursive: true, force: true });
});

const text = (selector: string) => page.evaluate<string>(`document.querySelector('${selector}').textContent`);
const choose = (id: string, value: string) =>
  page.evaluate(
    `{ const one = document.getElementById('${id}'); one.value = '${value}'; one.dispatchEvent(new Event('change')); }`,
  );
const enter = (key: string) =>
  page.evaluate(`document.getElementById('key').value = '${key}'; document.getElementById('enter').requestSubmit()`);

describe('the dashboard', () => {
  it('shows nothing before a key is entered, and says of a wrong one that it is', async () => {
    await page.goto(base);
    await page.until(`!document.getElementById('enter').hidden`);
    expect(await page.evaluate(`document.getElementById('watch').hidden`)).toBe(true);
    expect(await page.evaluate(`document.activeElement.id`)).toBe('key');
    await enter('not-the-key-at-all');
    await page.until(`document.getElementById('enter-problem').textContent !== ''`);
    await enter(KEY);
    await page.until(`document.getElementById('link').dataset.state === 'live'`);
    expect(await page.evaluate(`document.cookie`)).toBe('');
  });

  it('shows a call while it waits, and its outcome, campaign and breach when it was silent', async () => {
    const headers = { 'X-Brusio-Campaign': 'luce <b>autunno</b>' };
    const placed = dialer.placeCall({ number: '+393331234567', callerId: '+390212345678', headers });
    await page.until(`document.querySelector('#waiting .gauge')`);
    expect(await text('#waiting li')).toMatch(/^luce <b>autunno<\/b> · \+39333•••4567\d\.\d of 3\.0 s$/);
    await placed;
    await page.until(`document.querySelector('#outcomes [data-class="A"]')`);
    await page.until(`document.querySelector('#campaigns [data-level="breached"] .percent')`);
    const card = await text('#campaigns article');
    expect(card).toContain('luce <b>autunno</b>');
    expect(card).toContain('1 silent (NA)0 handled (NB)no room for another silent call');
    expect(await text('#announcer')).toContain('limit breached, this window: 1 silent of 1.');
    expect(await text('#outcomes tbody tr')).toContain('answered, silent callno agent in time');
    expect(await text('[data-tile="first-packet"] .figure')).toMatch(/^\d+\.\d ms$/);
    expect(await page.evaluate(`document.body.textContent`)).not.toContain('393331234567');
  });

  it('tells the whole of a call, by the keyboard too', async () => {
    await page.evaluate(`document.querySelector('[data-call]').focus()`);
    await page.press('Enter');
    await page.until(`document.querySelector('#story-body pre')`);
    expect(await text('#story-body')).toMatch(/class A/i);
    expect(await text('#story-body')).not.toContain('393331234567');
    await page.press('Escape');
    expect(await page.evaluate(`document.getElementById('story').open`)).toBe(false);
  });

  it('speaks Italian', async () => {
    await choose('language', 'it');
    expect(await page.evaluate(`document.documentElement.lang`)).toBe('it');
    await page.until(`document.querySelector('#outcomes tbody tr').textContent.includes('nessun operatore in tempo')`);
    expect(await text('#campaigns .percent')).toBe('100,000 %');
    expect(await page.evaluate(`document.body.innerText`)).not.toMatch(/\b(Campaigns|Health|Waited|silent)\b/);
  });

  it.each([
    ['light', false],
    ['dark', true],
  ])('has text that stands out from its ground: 4.5 to 1 (WCAG 1.4.3), %s', async (_theme, dark) => {
    await page.view({ width: 1280, height: 900, dark });
    expect(await page.evaluate(`(${lowContrast})()`)).toEqual([]);
  });

  it('fits a telephone of 360 pixels', async () => {
    await page.view({ width: 360, height: 740 });
    expect(await page.evaluate(`document.documentElement.scrollWidth`)).toBe(360);
  });

  it('lets in nothing from elsewhere', async () => {
    const blocked = `new Promise((done) => document.addEventListener('securitypolicyviolation', (e) => done(e.effectiveDirective), { once: true }))`;
    expect(await page.evaluate(`{ const told = ${blocked}; fetch('http://127.0.0.2/').catch(() => {}); told }`)).toBe(
      'connect-src',
    );
    await expect(page.evaluate(`document.body.innerHTML = '<img src=x onerror=alert(1)>'`)).rejects.toThrow(
      /TrustedHTML/,
    );
  });

  it('shows nothing more after signing out', async () => {
    await page.evaluate(`document.getElementById('leave').click()`);
    await page.until(`!document.getElementById('enter').hidden && document.getElementById('watch').hidden`);
    expect(await page.evaluate(`fetch('v1/overview').then(({ status }) => status)`)).toBe(401);
  });

  it('had no problem but those that were asked for', () => {
    const expected = /status of 401|Content Security Policy|TrustedHTML/;
    expect(page.problems().filter((problem) => !expected.test(problem))).toEqual([]);
  });
});

/** Runs in the page: texts whose colour is too near to that of what they stand on. */
function lowContrast(): string[] {
  const { document, getComputedStyle } = globalThis as never as {
    document: {
      body: never;
      createTreeWalker(root: never, what: number): { nextNode(): { textContent: string; parentElement: Box } | null };
    };
    getComputedStyle(box: Box): { color: string; backgroundColor: string };
  };
  type Box = { parentElement: Box | null; getClientRects(): { length: number }; className: string };
  const parse = (colour: string) => (colour.match(/[\d.]+/g) ?? []).map(Number);
  const luminance = (colour: readonly number[]) =>
    [0.2126, 0.7152, 0.0722].reduce((sum, weight, index) => {
      const part = (colour[index] ?? 0) / 255;
      return sum + weight * (part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
    }, 0);
  const ground = (box: Box | null): readonly number[] => {
    if (box === null) return [255, 255, 255];
    const colour = parse(getComputedStyle(box).backgroundColor);
    return colour[3] === 0 ? ground(box.parentElement) : colour;
  };
  const low: string[] = [];
  const texts = document.createTreeWalker(document.body, 4);
  for (let text = texts.nextNode(); text !== null; text = texts.nextNode()) {
    const box = text.parentElement;
    if (text.textContent.trim() === '' || box.getClientRects().length === 0) continue;
    const [a, b] = [luminance(parse(getComputedStyle(box).color)), luminance(ground(box))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) low.push(`${ratio.toFixed(2)}: ${text.textContent}`);
  }
  return low;
}
