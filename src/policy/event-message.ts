/** An event as it is told: the exact body that is signed and sent, and the id that is the same for every attempt. */
import { hash } from 'node:crypto';
import { toIso, type WallMs } from '../base/clock.ts';

/** What is told. */
export type EventType = 'call.outcome' | 'call.outcome_corrected' | 'campaign.threshold' | 'campaign.breached';

/** JSON. */
export function eventBody(type: EventType, at: WallMs, data: object): string {
  return JSON.stringify({ type, timestamp: toIso(at), data });
}

/**
 * `msg_` and 32 hexadecimal digits, made from what is told to whom: the same event never has two ids, whatever crash
 * or restored backup comes between.
 *
 * @param subject the call, or the campaign
 * @param event which of its events
 */
export function messageId(subject: string, event: string, endpoint: string): string {
  return `msg_${hash('sha256', `${subject} ${event} ${endpoint}`, 'hex').slice(0, 32)}`;
}
