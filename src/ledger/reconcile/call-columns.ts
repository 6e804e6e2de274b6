/**
 * Calls of both sides as columns: of a million calls some 70 MB each, where objects would take several times that. Places of calls
 * count from 0 in the order in which they were added. A time or duration that is not there is NaN. Pure.
 */
import type { NetworkAxis } from '../../policy/network-axis.ts';
import type { CarrierCall, CarrierMoment } from './carrier-row.ts';

/** More calls on either side are refused: a month at 150,000 a day. */
export const CALLS_MAX = 5_000_000;

const AXES: readonly NetworkAxis[] = [
  ...(['answered', 'busy', 'no-answer', 'rejected', 'invalid-number', 'unreachable'] as const),
  ...(['congestion', 'network-failure', 'cancelled', 'blocked', 'unknown'] as const),
];

type Columns<N extends string> = { readonly [K in N]: Float64Array };

/** Columns of doubles that grow together. */
function growing<N extends string>(names: readonly N[]) {
  let room = 1_024;
  const columns = Object.fromEntries(names.map((name) => [name, new Float64Array(room)])) as Record<N, Float64Array>;
  let count = 0;
  return {
    columns: columns as Columns<N>,
    count: () => count,
    add(values: Readonly<Record<N, number>>): number {
      if (count === room) {
        room *= 2;
        for (const name of names) {
          const larger = new Float64Array(room);
          larger.set(columns[name]);
          columns[name] = larger;
        }
      }
      for (const name of names) columns[name][count] = values[name];
      return count++;
    },
  };
}

/** Calls of the carrier. */
export type CarrierCalls = ReturnType<typeof createCarrierCalls>;

const CARRIER = [
  ...(['number', 'line', 'start', 'startLater', 'answer', 'answerLater', 'end', 'endLater'] as const),
  ...(['duration', 'network', 'callId', 'contradictory'] as const),
];

/** None yet. */
export function createCarrierCalls() {
  const { columns, count, add } = growing(CARRIER);
  const at = (moment: CarrierMoment | null) => moment?.at ?? Number.NaN;
  const later = (moment: CarrierMoment | null) => moment?.later ?? Number.NaN;
  return {
    columns,
    count,
    /** @param number its place in the file's numbers */
    add(call: CarrierCall, number: number, line: number): number {
      return add({
        ...{ number, line, start: at(call.start), startLater: later(call.start), answer: at(call.answer) },
        ...{ answerLater: later(call.answer), end: at(call.end), endLater: later(call.end) },
        duration: call.durationMs ?? Number.NaN,
        network: AXES.indexOf(call.network),
        callId: call.callId === null ? Number.NaN : callIdHash(call.callId),
        contradictory: call.contradictory ? 1 : 0,
      });
    },
    networkOf: (place: number) => AXES[columns.network[place] as number] as NetworkAxis,
  };
}

/** How a call counts: a class, and whether an agent made it B. */
export type BrusioClass = 'A' | 'B' | null;

/** A call, or one attempt of it at the carrier, as Brusio recorded it. */
export type BrusioCall = {
  readonly callId: string;
  /** Place of its number in the file's numbers; −1: the file has no such number. */
  readonly number: number;
  readonly invitedAt: number;
  readonly answeredAt: number | null;
  readonly endedAt: number;
  readonly network: NetworkAxis;
  /** A predictive call: one that counts when it is answered. */
  readonly guarded: boolean;
  readonly class: BrusioClass;
  /** Class B because an agent came: after so many ms; null: otherwise. */
  readonly agentAfterMs: number | null;
  readonly campaign: string;
  /** Local day of the answer; null: not answered, or not counted. */
  readonly day: string | null;
  /** Call-ID of the leg to the carrier. */
  readonly carrierCallId: string | null;
};

/** Calls of Brusio. */
export type BrusioCalls = ReturnType<typeof createBrusioCalls>;

const BRUSIO = [
  ...([
    'number',
    'invited',
    'answered',
    'ended',
    'network',
    'guarded',
    'class',
    'agentAfter',
    'campaign',
    'day',
  ] as const),
  ...(['carrierCallId', 'idHigh', 'idMiddle', 'idLow'] as const),
];
const CLASSES: readonly BrusioClass[] = [null, 'A', 'B'];

/** None yet. */
export function createBrusioCalls() {
  const { columns, count, add } = growing(BRUSIO);
  const campaigns = createWords();
  const days = createWords();
  return {
    columns,
    count,
    campaigns: campaigns.all,
    add(call: BrusioCall): number {
      const hex = call.callId.replaceAll('-', '');
      return add({
        ...{ number: call.number, invited: call.invitedAt, answered: call.answeredAt ?? Number.NaN },
        ...{ ended: call.endedAt, network: AXES.indexOf(call.network), class: CLASSES.indexOf(call.class) },
        guarded: call.guarded ? 1 : 0,
        ...{ agentAfter: call.agentAfterMs ?? Number.NaN, campaign: campaigns.placeOf(call.campaign) },
        day: call.day === null ? Number.NaN : days.placeOf(call.day),
        carrierCallId: call.carrierCallId === null ? Number.NaN : callIdHash(call.carrierCallId),
        // A UUID's 128 bits in three doubles of up to 48.
        ...{ idHigh: Number.parseInt(hex.slice(0, 12), 16), idMiddle: Number.parseInt(hex.slice(12, 22), 16) },
        idLow: Number.parseInt(hex.slice(22), 16),
      });
    },
    networkOf: (place: number) => AXES[columns.network[place] as number] as NetworkAxis,
    classOf: (place: number) => CLASSES[columns.class[place] as number] ?? null,
    campaignOf: (place: number) => campaigns.at(columns.campaign[place] as number),
    dayOf: (place: number) => (Number.isNaN(columns.day[place]) ? null : days.at(columns.day[place] as number)),
    idOf(place: number): string {
      const part = (name: 'idHigh' | 'idMiddle' | 'idLow', digits: number) =>
        (columns[name][place] as number).toString(16).padStart(digits, '0');
      const hex = part('idHigh', 12) + part('idMiddle', 10) + part('idLow', 10);
      return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
    },
  };
}

/** Words that come again and again, each with its place. */
function createWords() {
  const places = new Map<string, number>();
  const all: string[] = [];
  return {
    all: all as readonly string[],
    at: (place: number) => all[place] as string,
    placeOf(word: string): number {
      const known = places.get(word);
      if (known !== undefined) return known;
      places.set(word, all.length);
      all.push(word);
      return all.length - 1;
    },
  };
}

/** 53 bits of a Call-ID (FNV-1a, two of them): two calls to one number that share them would have to be of one minute as well. */
function callIdHash(callId: string): number {
  let one = 0x811c9dc5;
  let other = 0x9dc5811c;
  for (let at = 0; at < callId.length; at++) {
    const code = callId.charCodeAt(at);
    one = Math.imul(one ^ code, 0x01000193);
    other = Math.imul(other ^ (code + 0x55), 0x01000193);
  }
  return (one >>> 0) * 0x200000 + ((other >>> 0) >>> 11);
}
