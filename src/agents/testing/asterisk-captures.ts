/**
 * Event streams of a real Asterisk 22.10, captured whole on ARI and on AMI at once while it called one person over a
 * trunk `PJSIP/guard` and brought the agent `PJSIP/agent` to them, in eleven ways; some a second time with media.
 */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import type { WatchedCall } from '../../guard/agent-source.ts';

/** One capture. */
export type AsteriskCapture = {
  readonly name: string;
  /** Call-ID of the INVITE to the trunk. */
  readonly callId: string;
  /** How AMI names the call: by the Call-ID in the variable SIPCALLID, or by its Uniqueid where nobody set that. */
  readonly amiCall: WatchedCall;
  /** When the agent and the person were in one conversation; UTC, by ARI's stamps. */
  readonly bridgedAt: string;
  /** Asterisk took its Local channels out of the way of the talk: the person changed bridges once more. */
  readonly isOptimized: boolean;
};

const byCallId = (name: string, callId: string, bridgedAt: string, isOptimized = false): AsteriskCapture => ({
  name,
  callId,
  amiCall: { by: 'call-id', value: callId },
  bridgedAt,
  isOptimized,
});

const byUniqueid = (name: string, callId: string, uniqueid: string, bridgedAt: string): AsteriskCapture => ({
  name,
  callId,
  amiCall: { by: 'reference', value: uniqueid },
  bridgedAt,
  isOptimized: false,
});

/** All of them. */
export const ASTERISK_CAPTURES: readonly AsteriskCapture[] = [
  byCallId('agent-dials-out', 'e190e7f5-7eb1-4fbd-b9e7-7c4c3d174c80', '2026-11-22T01:14:18.790Z'),
  byUniqueid(
    'ami-bridge-action',
    '21a30cf3-1695-4f96-b6ea-dc3a8e1d0666',
    'brusio-peer-1795310040.22',
    '2026-11-22T01:14:03.920Z',
  ),
  byUniqueid(
    'ami-bridge-action.with-media',
    '0a407896-edc7-4b1e-925c-e356f8e5abfe',
    'brusio-peer-1795311641.54251',
    '2026-11-22T01:40:45.037Z',
  ),
  byCallId('ami-originate-then-dial', '6587d506-ce21-42bc-9a6d-c597b105d26c', '2026-11-22T01:13:06.107Z'),
  byCallId('ami-originate-then-dial.with-media', 'fc532783-e0a1-40c9-b3e6-0490cb2ea67a', '2026-11-22T01:40:30.658Z'),
  byUniqueid(
    'ari-holding-then-mixing-bridge',
    'fbc204ea-2812-4231-a117-cd7ff30286f1',
    'ari-lead-81',
    '2026-11-22T01:13:33.944Z',
  ),
  byUniqueid(
    'ari-holding-then-mixing-bridge.with-media',
    '73e926bd-cb84-49fb-b077-151222ad1519',
    'ari-lead-81',
    '2026-11-22T01:16:49.796Z',
  ),
  byUniqueid(
    'ari-one-mixing-bridge',
    'ef9082da-78fb-49a0-8d8c-ab5872f1a0c4',
    'ari-lead-82',
    '2026-11-22T01:13:41.391Z',
  ),
  byCallId('ari-originate-then-dial', 'ad930385-6a6c-446c-9329-394439fc9edb', '2026-11-22T01:13:13.126Z'),
  byCallId('bridgewait-then-redirect', '1df70177-004a-4f0b-9c22-5dd198153ed1', '2026-11-22T01:14:13.849Z'),
  byCallId('bridgewait-then-redirect.with-media', '71dcedc4-c9c6-4f37-8fb0-44e2f7607928', '2026-11-22T01:40:54.985Z'),
  byCallId('confbridge', '6560d892-6aab-4bf4-b921-d71e6ab811c8', '2026-11-22T01:13:26.997Z'),
  byCallId('confbridge.with-media', '9eb17417-dea8-4dcd-b326-8f5a77f98564', '2026-11-22T01:16:42.795Z'),
  byCallId('local-originate-optimized', '37358f06-692a-436a-950d-d137f0e54142', '2026-11-22T01:13:55.773Z'),
  byCallId(
    'local-originate-optimized.with-media',
    '8e1ee4af-7450-4184-86ac-4972d42d22f1',
    '2026-11-22T01:17:04.178Z',
    true,
  ),
  byCallId('local-originate-then-dial', '96471364-07be-4142-b247-053f02c866fe', '2026-11-22T01:13:48.830Z'),
  byCallId('local-originate-then-dial.with-media', '78ff0ff0-6791-41d2-96da-34666f805af6', '2026-11-22T01:16:57.238Z'),
  byCallId('queue', '48af8de7-debe-4aa5-b67f-0fd6363af501', '2026-11-22T01:13:20.063Z'),
  byCallId('queue.with-media', '91dcfba8-fe68-4700-b48d-b23174dabe08', '2026-11-22T01:40:37.858Z'),
];

/** ARI's text messages, in order. */
export function ariCapture(name: string): readonly string[] {
  return unpacked(`${name}.ari.ndjson`).toString('utf8').split('\n').filter(Boolean);
}

/** What AMI sent, from a moment after login on. */
export function amiCapture(name: string): Buffer {
  return unpacked(`${name}.ami.txt`);
}

function unpacked(file: string): Buffer {
  return gunzipSync(readFileSync(new URL(`../asterisk/fixtures/${file}.gz`, import.meta.url)));
}
