/**
 * Environment variables that override single settings, so that a second instance needs no file (DESIGN §9).
 */
import type { SettingsInput } from './settings.ts';

type Override = (value: string) => SettingsInput;

/** Variable → the part of the settings it replaces. */
export const ENVIRONMENT: Readonly<Record<string, Override>> = {
  BRUSIO_SIP_LISTEN: (listen) => ({ sip: { listen } }),
  BRUSIO_SIP_EXTERNAL: (externalAddress) => ({ sip: { externalAddress } }),
  BRUSIO_DRACHTIO: (drachtio) => ({ control: { drachtio } }),
  BRUSIO_DRACHTIO_SECRET: (secret) => ({ control: { secret } }),
  BRUSIO_CARRIER: (uri) => ({ carriers: [{ uri }] }),
  BRUSIO_DIALERS: (sources) => ({ dialers: { sources: sources.split(',').map((one) => one.trim()) } }),
  BRUSIO_RTP_ADDRESS: (address) => ({ rtp: { address } }),
  BRUSIO_RTP_PORTS: (range) => {
    const [portMin, portMax] = range.split('-').map(Number);
    return { rtp: { portMin, portMax } };
  },
  BRUSIO_HTTP_LISTEN: (listen) => ({ http: { listen } }),
  BRUSIO_API_KEY: (key) => ({ http: { apiKeys: [key] } }),
  BRUSIO_DATA: (dir) => ({ data: { dir } }),
  BRUSIO_LOG_LEVEL: (level) => ({ log: { level: level as 'info' } }),
};

/** `BRUSIO_WEBHOOK_URL` and `BRUSIO_WEBHOOK_SECRET` name one endpoint together. */
const WEBHOOK_URL = 'BRUSIO_WEBHOOK_URL';
const WEBHOOK_SECRET = 'BRUSIO_WEBHOOK_SECRET';

/** The settings file's object with the environment's values laid over it, section by section. */
export function withEnvironment(file: object, environment: Readonly<Record<string, string | undefined>>): object {
  const merged: Record<string, unknown> = { ...file };
  for (const [variable, override] of Object.entries(ENVIRONMENT)) {
    const value = environment[variable];
    if (value !== undefined && value !== '') overlay(merged, override(value));
  }
  const url = environment[WEBHOOK_URL];
  if (url !== undefined && url !== '')
    overlay(merged, { webhooks: [{ url, secrets: [environment[WEBHOOK_SECRET] ?? ''] }] });
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
