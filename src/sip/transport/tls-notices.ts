import { addMs, type Clock, type MonotonicMs } from '../../base/clock.ts';
import type { TlsReload } from './tls-contexts.ts';

/** Tells an operator something. */
export type Notice = (level: 'info' | 'warn', message: string) => void;

/** One line a reason in this time: a scanner fails a thousand handshakes a second. */
const REPEAT_MS = 60_000;

/** Reasons remembered; over it all may be told again. */
const REASONS_MAX = 64;

/** A certificate is warned of this long before its end. */
const ENDS_SOON_MS = 14 * 24 * 3_600_000;

/** Tells why TLS handshakes fail, each reason once a minute. */
export function createTlsFailureNotices(clock: Clock, notice: Notice): (reason: string) => void {
  const silentUntilMs = new Map<string, MonotonicMs>();
  return (reason) => {
    const nowMs = clock.monotonicMs();
    if ((silentUntilMs.get(reason) ?? nowMs) > nowMs) return;
    if (silentUntilMs.size >= REASONS_MAX) silentUntilMs.clear();
    silentUntilMs.set(reason, addMs(nowMs, REPEAT_MS));
    notice('warn', `TLS handshake failed: ${reason}`);
  };
}

/** Tells what became of the certificates; nothing when there are none. */
export function tellTls(reload: TlsReload | null, clock: Clock, notice: Notice): void {
  if (reload === null) return;
  if (!reload.ok) {
    notice('warn', `TLS certificates cannot be used, the ones before stay in use: ${reload.problems.join('; ')}`);
    return;
  }
  notice('info', 'TLS certificates read');
  if (reload.endsAtMs !== null && reload.endsAtMs - clock.now().wallMs < ENDS_SOON_MS) {
    notice('warn', `TLS certificate ends on ${new Date(reload.endsAtMs).toISOString()}`);
  }
}
