import type { ServerResponse } from './drachtio-srf.ts';
import { reasonWithStatus, sendableStatus } from './final-for-dialer.ts';

/** Sends a final response; a status that drachtio-srf cannot send as one that it can, with the original in `Reason`. */
export function sendFinal(
  response: ServerResponse,
  status: number,
  phrase: string | undefined,
  headers: Record<string, string>,
  body = '',
): void {
  const content = body === '' ? {} : { body };
  try {
    response.send(status, phrase, { headers, ...content });
  } catch {
    const reason = reasonWithStatus(headers.Reason ?? null, status, phrase ?? '');
    response.send(sendableStatus(status), undefined, { headers: { ...headers, Reason: reason }, ...content });
  }
}
