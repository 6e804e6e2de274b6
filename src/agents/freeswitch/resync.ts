/**
 * What was in the server before the connection was: `show channels` names every channel, `uuid_dump` describes one,
 * `conference json_list` tells who is in which conference. The newest calls are asked about first, since only they may
 * still wait for an agent.
 */
import type { ConferenceMember } from './agent-mapper.ts';
import { asChannelId } from './channel-facts.ts';
import type { OnReply } from './command-queue.ts';
import { type RawHeaders, readHeaders } from './event-headers.ts';

/** What a resynchronisation works with. */
export type ResyncParts = {
  readonly command: (line: string, onReply: OnReply) => void;
  /** The list is read, and the descriptions are still to come. */
  readonly listed: () => void;
  /** Whether this channel is to be described. */
  readonly wants: (uuid: string) => boolean;
  /** A description; null for a channel that has ended meanwhile. */
  readonly channel: (uuid: string, headers: RawHeaders | null) => void;
  readonly conferences: (members: readonly ConferenceMember[]) => void;
  readonly malformed: () => void;
  readonly done: () => void;
};

/** Questions on their way at the same time: enough to keep the server busy, few enough not to delay its events. */
const AT_ONCE = 16;

/** Channels that are asked about; of more, the newest. */
export const RESYNC_CHANNELS_MAX = 10_000;

/** Those that ring will tell themselves when they are answered; they are asked about last. */
const RINGING = ['DOWN', 'DIALING', 'RINGING', 'EARLY'];

/** One reading of all that is there. */
export class Resync {
  readonly #parts: ResyncParts;
  #waiting: string[] = [];
  #open = 0;

  constructor(parts: ResyncParts) {
    this.#parts = parts;
  }

  start(): void {
    const { command, malformed } = this.#parts;
    command('api conference json_list', ({ ok, text }) => {
      // Without mod_conference, or without a conference, there is no list.
      const members = ok && text.startsWith('[') ? readConferences(text) : [];
      if (members === null) malformed();
      else this.#parts.conferences(members);
    });
    command('api show channels as json', ({ ok, text }) => {
      const uuids = ok ? readChannelList(text) : null;
      if (uuids === null) malformed();
      this.#parts.listed();
      // Taken from the end: newest last.
      this.#waiting = (uuids ?? []).filter(this.#parts.wants).slice(-RESYNC_CHANNELS_MAX);
      this.#askOn();
    });
  }

  #askOn(): void {
    if (this.#open === 0 && this.#waiting.length === 0) {
      this.#parts.done();
      return;
    }
    while (this.#open < AT_ONCE) {
      const uuid = this.#waiting.pop();
      if (uuid === undefined) return;
      this.#open += 1;
      this.#parts.command(`api uuid_dump ${uuid}`, ({ ok, text }) => {
        this.#open -= 1;
        this.#parts.channel(uuid, ok ? readHeaders(text).headers : null);
        this.#askOn();
      });
    }
  }
}

/**
 * Unique-IDs of `show channels as json`: those that ring first, then by age, the newest last.
 *
 * @returns null when it is no such list
 */
export function readChannelList(text: string): readonly string[] | null {
  const list = parseJson(text);
  if (!isRecord(list) || typeof list.row_count !== 'number') return null;
  const rows = Array.isArray(list.rows) ? list.rows.filter(isRecord) : [];
  const channels = rows.flatMap((row) => {
    const uuid = asChannelId(row.uuid);
    const rings = RINGING.includes(String(row.callstate));
    return uuid === null ? [] : [{ uuid, rings, created: Number(row.created_epoch) || 0 }];
  });
  return channels.sort((a, b) => Number(b.rings) - Number(a.rings) || a.created - b.created).map(({ uuid }) => uuid);
}

/** Members of `conference json_list` that are channels; null when it is no such list. */
export function readConferences(text: string): readonly ConferenceMember[] | null {
  const list = parseJson(text);
  if (!Array.isArray(list)) return null;
  return list.filter(isRecord).flatMap(({ conference_uuid, members }) => {
    if (typeof conference_uuid !== 'string' || !Array.isArray(members)) return [];
    return members.filter(isRecord).flatMap((member) => {
      const uuid = asChannelId(member.uuid);
      const speaks = !isRecord(member.flags) || member.flags.can_speak !== false;
      return uuid === null ? [] : [{ conference: conference_uuid, uuid, speaks }];
    });
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
