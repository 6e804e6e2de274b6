/**
 * Text of the ARI WebSocket → events: the few that tell who is in which bridge, what a variable says, and answers to
 * requests. Everything is checked; what is not understood is `malformed`, what is of no concern `ignored`.
 */
import type { WallMs } from '../../base/clock.ts';

/** A channel as ARI shows it. */
export type AriChannel = {
  readonly id: string;
  readonly name: string;
  /** `Up` once answered. */
  readonly state: string;
  /** Of PJSIP: the Call-ID of its dialog; empty before the INVITE, and for channels that have none. */
  readonly protocolId: string;
  readonly callerName: string;
  readonly callerNumber: string;
  /** Those named by `channelvars` in ari.conf. */
  readonly variables: Readonly<Record<string, string>>;
};

/** A bridge as ARI shows it, after the event. */
export type AriBridge = { readonly id: string; readonly isMixing: boolean; readonly channelIds: readonly string[] };

/** What the mapper is told. */
export type AriEvent =
  | {
      readonly type: 'bridge';
      readonly bridge: AriBridge;
      readonly channel: AriChannel | null;
      readonly at: WallMs | null;
    }
  | { readonly type: 'bridge-merged'; readonly from: AriBridge; readonly to: AriBridge; readonly at: WallMs | null }
  | { readonly type: 'bridge-destroyed'; readonly bridgeId: string; readonly at: WallMs | null }
  | { readonly type: 'channel'; readonly channel: AriChannel; readonly at: WallMs | null }
  | { readonly type: 'channel-destroyed'; readonly channel: AriChannel; readonly at: WallMs | null }
  | { readonly type: 'variable'; readonly channel: AriChannel; readonly variable: string; readonly value: string };

/** The answer to a request of ours. */
export type AriAnswer = { readonly requestId: string; readonly status: number; readonly body: unknown };

/** What one text message holds. */
export type AriMessage =
  | { readonly type: 'event'; readonly event: AriEvent }
  | { readonly type: 'answer'; readonly answer: AriAnswer }
  /** Another client has connected as the same application: this connection gets no more events. */
  | { readonly type: 'replaced' }
  | { readonly type: 'ignored' }
  | { readonly type: 'malformed' };

/** The events the mapper makes something of, by ARI's names. */
export const ARI_EVENTS = [
  'ChannelCreated',
  'ChannelStateChange',
  'ChannelCallerId',
  'ChannelEnteredBridge',
  'ChannelLeftBridge',
  'ChannelDestroyed',
  'BridgeMerged',
  'BridgeDestroyed',
  'ApplicationReplaced',
] as const;

type Fields = Readonly<Record<string, unknown>>;

const MALFORMED = { type: 'malformed' } as const;

/** Reads one message. Never throws. */
export function readAriMessage(text: string): AriMessage {
  const fields = fieldsOf(parsed(text));
  if (fields === null || typeof fields.type !== 'string') return MALFORMED;
  if (fields.type === 'RESTResponse') return answerOf(fields);
  if (fields.type === 'ApplicationReplaced') return { type: 'replaced' };
  const event = eventOf(fields.type, fields);
  if (event === null) return MALFORMED;
  return event === 'ignored' ? { type: 'ignored' } : { type: 'event', event };
}

/** The answer to `GET /ari/channels`; null when it is none. */
export function readAriChannels(body: unknown): readonly AriChannel[] | null {
  return listOf(body, readChannel);
}

/** The answer to `GET /ari/bridges`; null when it is none. */
export function readAriBridges(body: unknown): readonly AriBridge[] | null {
  return listOf(body, readBridge);
}

function eventOf(type: string, fields: Fields): AriEvent | 'ignored' | null {
  const at = stampOf(fields.timestamp);
  const channel = readChannel(fields.channel);
  const bridge = readBridge(fields.bridge);
  switch (type) {
    case 'ChannelCreated':
    case 'ChannelStateChange':
    case 'ChannelCallerId':
      return channel && { type: 'channel', channel, at };
    case 'ChannelDestroyed':
      return channel && { type: 'channel-destroyed', channel, at };
    case 'ChannelEnteredBridge':
    case 'ChannelLeftBridge':
      return bridge && { type: 'bridge', bridge, channel, at };
    case 'BridgeDestroyed':
      return bridge && { type: 'bridge-destroyed', bridgeId: bridge.id, at };
    case 'BridgeMerged': {
      const from = readBridge(fields.bridge_from);
      return bridge && from && { type: 'bridge-merged', from, to: bridge, at };
    }
    case 'ChannelVarset': {
      // One without a channel sets a global variable.
      if (fields.channel === undefined) return 'ignored';
      const { variable, value } = fields;
      if (channel === null || typeof variable !== 'string' || typeof value !== 'string') return null;
      return { type: 'variable', channel, variable, value };
    }
    default:
      return 'ignored';
  }
}

function answerOf({ request_id, status_code, message_body }: Fields): AriMessage {
  if (typeof request_id !== 'string' || typeof status_code !== 'number') return MALFORMED;
  const body = typeof message_body === 'string' ? parsed(message_body) : null;
  return { type: 'answer', answer: { requestId: request_id, status: status_code, body } };
}

function readChannel(value: unknown): AriChannel | null {
  const fields = fieldsOf(value);
  if (fields === null || !isName(fields.id) || !isName(fields.name)) return null;
  const caller = fieldsOf(fields.caller);
  const variables = Object.entries(fieldsOf(fields.channelvars) ?? {}).filter(
    (entry): entry is [string, string] => typeof entry[1] === 'string',
  );
  return {
    id: fields.id,
    name: fields.name,
    state: textOf(fields.state),
    protocolId: textOf(fields.protocol_id),
    callerName: textOf(caller?.name),
    callerNumber: textOf(caller?.number),
    variables: Object.fromEntries(variables),
  };
}

function readBridge(value: unknown): AriBridge | null {
  const fields = fieldsOf(value);
  if (fields === null || !isName(fields.id) || !Array.isArray(fields.channels)) return null;
  return {
    id: fields.id,
    isMixing: fields.bridge_type === 'mixing' && fields.technology !== 'holding_bridge',
    channelIds: fields.channels.filter(isName),
  };
}

function listOf<T>(body: unknown, read: (value: unknown) => T | null): readonly T[] | null {
  return Array.isArray(body) ? body.flatMap((value) => read(value) ?? []) : null;
}

/** `2026-11-22T01:13:16.842+0000`: ISO 8601 but for the colon in the offset. */
function stampOf(value: unknown): WallMs | null {
  const ms = typeof value === 'string' ? Date.parse(value.replace(/([+-]\d\d)(\d\d)$/, '$1:$2')) : Number.NaN;
  return Number.isNaN(ms) ? null : (ms as WallMs);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function fieldsOf(value: unknown): Fields | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : null;
}

function isName(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
