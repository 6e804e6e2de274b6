/**
 * Environment variables that override single settings, so that a second instance needs no file (DESIGN §9).
 */
import type { SettingsInput } from './settings.ts';

/** What one variable does. */
type Override = {
  /** For the documentation. */
  readonly replaces: string;
  /** The part of the settings that a value stands for. */
  readonly part: (value: string) => SettingsInput;
};

/** Variable → the part of the settings it replaces; an empty value is none. */
export const ENVIRONMENT: Readonly<Record<string, Override>> = {
  BRUSIO_SIP_LISTEN: {
    replaces: '`sip.listen`, separated by commas',
    part: (list) => ({ sip: { listen: list.split(',').map((one) => one.trim()) } }),
  },
  BRUSIO_SIP_EXTERNAL: {
    replaces: '`sip.externalAddress`',
    part: (externalAddress) => ({ sip: { externalAddress } }),
  },
  BRUSIO_DRACHTIO: { replaces: '`control.drachtio`', part: (drachtio) => ({ control: { drachtio } }) },
  BRUSIO_DRACHTIO_SECRET: { replaces: '`control.secret`', part: (secret) => ({ control: { secret } }) },
  BRUSIO_CARRIER: { replaces: '`carriers`, by one with this `uri`', part: (uri) => ({ carriers: [{ uri }] }) },
  BRUSIO_DIALERS: {
    replaces: '`dialers.sources`, separated by commas',
    part: (list) => ({ dialers: { sources: list.split(',').map((one) => one.trim()) } }),
  },
  BRUSIO_RTP_ADDRESS: { replaces: '`rtp.address`', part: (address) => ({ rtp: { address } }) },
  BRUSIO_RTP_PORTS: {
    replaces: '`rtp.portMin` and `rtp.portMax`, as `20000-29999`',
    part: (range) => {
      const [portMin, portMax] = range.split('-').map(Number);
      return { rtp: { portMin, portMax } };
    },
  },
  BRUSIO_HTTP_LISTEN: { replaces: '`http.listen`', part: (listen) => ({ http: { listen } }) },
  BRUSIO_API_KEY: { replaces: '`http.apiKeys`, by this one', part: (key) => ({ http: { apiKeys: [key] } }) },
  BRUSIO_WEBHOOK_URL: {
    replaces: '`webhooks`, by one with this `url` and the secret of the next line',
    part: (url) => ({ webhooks: [{ url, secrets: [] }] }),
  },
  BRUSIO_WEBHOOK_SECRET: {
    replaces: "that endpoint's `secrets`",
    part: (secret) => ({ webhooks: [{ url: '', secrets: [secret] }] }),
  },
  BRUSIO_DATA: { replaces: '`data.dir`', part: (dir) => ({ data: { dir } }) },
  BRUSIO_DATABASE: { replaces: '`database.url`', part: (url) => ({ database: { url } }) },
  BRUSIO_PROCESS: { replaces: '`database.process`', part: (process) => ({ database: { process } }) },
  BRUSIO_LOG_LEVEL: { replaces: '`log.level`', part: (level) => ({ log: { level: level as 'info' } }) },
};

/** The settings file's object with the environment's values laid over it, section by section. */
export function withEnvironment(file: object, environment: Readonly<Record<string, string | undefined>>): object {
  const merged: Record<string, unknown> = { ...file };
  const { BRUSIO_WEBHOOK_URL: url, BRUSIO_WEBHOOK_SECRET: secret } = environment;
  for (const [variable, { part }] of Object.entries(ENVIRONMENT)) {
    const value = environment[variable];
    if (value === undefined || value === '' || variable.startsWith('BRUSIO_WEBHOOK')) continue;
    overlay(merged, part(value));
  }
  // One endpoint of two variables: each alone would be half of it.
  if (url !== undefined && url !== '') merged.webhooks = [{ url, secrets: [secret ?? ''] }];
  return merged;
}

function overlay(target: Record<string, unknown>, part: object): void {
  for (const [section, value] of Object.entries(part)) {
    const before = target[section];
    target[section] = isPlainObject(before) && isPlainObject(value) ? { ...before, ...value } : value;
  }
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
