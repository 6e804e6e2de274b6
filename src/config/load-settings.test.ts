import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { apiKeysOf } from './api-key.ts';
import { checkSettings, loadSettings } from './load-settings.ts';

const scratch = mkdtempSync(join(tmpdir(), 'brusio-config-'));
afterAll(() => rmSync(scratch, { recursive: true }));

function fileOf(text: string): string {
  const path = join(scratch, `${Math.abs(text.length)}.yaml`);
  writeFileSync(path, text);
  return path;
}

/** The problems as `path: message`. */
function problemsOf(result: ReturnType<typeof loadSettings>): string[] {
  return result.ok ? [] : result.problem.map((one) => `${one.path}: ${one.message}`);
}

describe('settings without a file', () => {
  it('bind loopback only', () => {
    const settings = loadSettings(null, {});
    expect(settings).toMatchObject({
      ok: true,
      value: {
        sip: { listen: '127.0.0.1:5060' },
        carriers: [{ name: 'primary', uri: 'sip:127.0.0.1:5070' }],
        rtp: { address: '127.0.0.1', portMin: 20_000, portMax: 29_999 },
        http: { listen: '127.0.0.1:8080' },
        wait: { limitMs: 3000 },
      },
    });
  });

  it('pass the check a second time: createGuard takes checked settings too', () => {
    const once = checkSettings({});
    expect(once.ok && checkSettings(once.value)).toEqual(once);
  });
});

describe('a wrong settings file', () => {
  it('tells every problem at once, each with its path', () => {
    const path = fileOf(`
sip: { listen: "localhost:5060", lissten: 1 }
carriers: [{ uri: "tel:+39" }, { uri: "sip:127.0.0.1", username: "u" }, { uri: "sip:127.0.0.2", registrar: "sip:127.0.0.2" }, { uri: "sip:127.0.0.3;transport=sctp" }]
wait: { limitMs: 5000 }
rtp: { portMin: 30000, portMax: 30001 }
webhooks: [{ url: "ftp://x", secrets: ["abc"] }]
dialers: { sources: ["10.0.0.0/33"] }
agents: { sources: [{ type: freeswitch, name: http, address: "127.0.0.1:8021", password: p }] }
`);
    const problems = problemsOf(loadSettings(path, {}));
    for (const where of [
      'sip.listen',
      'sip.lissten: unknown setting',
      'carriers[0].uri',
      'carriers: carrier names must differ',
      'carriers[1].password: username and password go together',
      'carriers[2].registrar: a registration needs',
      'carriers[3].uri: its transport must be udp, tcp or tls',
      'wait.limitMs',
      'rtp.portMax',
      'webhooks[0].url',
      'webhooks[0].secrets[0]',
      'dialers.sources[0]',
      'agents.sources[0].name: http is what counts over HTTP',
    ]) {
      expect(
        problems.some((line) => line.startsWith(where)),
        `${where} in\n${problems.join('\n')}`,
      ).toBe(true);
    }
  });

  it('tells the line of broken YAML', () => {
    const path = fileOf('sip:\n  listen: "x\n');
    expect(problemsOf(loadSettings(path, {}))[0]).toMatch(new RegExp(`^${path}:\\d+: `));
  });

  it('says that a file cannot be read, or is no settings file', () => {
    expect(problemsOf(loadSettings(join(scratch, 'absent.yaml'), {}))[0]).toContain('cannot be read');
    expect(problemsOf(loadSettings(fileOf('- 1\n'), {}))[0]).toContain('expected settings by name');
  });
});

describe('the environment', () => {
  it('overrides single settings and leaves their neighbours', () => {
    const path = fileOf('rtp: { address: "127.0.0.9" }\ncampaigns: { default: luce }\n');
    const settings = loadSettings(path, {
      BRUSIO_RTP_PORTS: '30000-30999',
      BRUSIO_CARRIER: 'sip:127.0.0.12:5060',
      BRUSIO_WEBHOOK_URL: 'http://127.0.0.1:9000/',
      BRUSIO_WEBHOOK_SECRET: 'whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIz',
      BRUSIO_DATA: '',
    });
    expect(settings).toMatchObject({
      ok: true,
      value: {
        rtp: { address: '127.0.0.9', portMin: 30_000, portMax: 30_999 },
        campaigns: { default: 'luce', autoCreate: true },
        carriers: [{ uri: 'sip:127.0.0.12:5060' }],
        webhooks: [{ name: 'default', url: 'http://127.0.0.1:9000/' }],
        data: { dir: './data' },
      },
    });
  });

  it('is checked like the file', () => {
    expect(problemsOf(loadSettings(null, { BRUSIO_WEBHOOK_URL: 'http://127.0.0.1/' }))[0]).toMatch(
      /^webhooks\[0\]\.secrets/,
    );
  });
});

describe('the API key', () => {
  it('is made once, readable by its owner alone, and found again', () => {
    const path = join(scratch, 'new', 'api-key');
    const first = apiKeysOf([], path);
    expect(first.keys[0]).toMatch(/^[0-9a-f]{64}$/);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(apiKeysOf([], path)).toEqual(first);
  });

  it('is the settings own when they name one', () => {
    expect(apiKeysOf(['0123456789abcdef'], '/nowhere')).toEqual({ keys: ['0123456789abcdef'], path: null });
  });

  it('is refused when its file holds none', () => {
    const path = join(scratch, 'empty-key');
    writeFileSync(path, '\n');
    expect(() => apiKeysOf([], path)).toThrow('holds no API key');
  });
});
