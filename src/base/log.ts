import type { Logger as PinoLogger } from 'pino';

/**
 * What the program logs with: pino's methods, passed in and bound with `child`. The message is a constant, values are
 * fields; telephone numbers, addresses and SIP URIs go through `redact.ts` first.
 */
export type Logger = Pick<PinoLogger, 'debug' | 'info' | 'warn' | 'error'> & {
  child(bindings: Record<string, unknown>): Logger;
};
