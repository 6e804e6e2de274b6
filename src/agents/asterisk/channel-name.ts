/**
 * What the name of an Asterisk channel says: `PJSIP/anna-0000001a` is technology, endpoint and a number of its own,
 * `Local/39@out-00000001;2` one half of a pair that hands audio from the one to the other.
 */

/** A channel's name, taken apart. */
export type ChannelName = {
  /** `PJSIP/anna`: what stands for the telephone rather than for this one call. */
  readonly endpoint: string;
  /** `anna`. */
  readonly extension: string;
  /** The name of the other half of a Local channel; null for every other channel. */
  readonly otherHalf: string | null;
  /** There may be a person at its end: a telephone or a trunk, none of Asterisk's own tools. */
  readonly isPerson: boolean;
};

/**
 * Technologies that nobody speaks at the end of: announcers and recorders of bridges and conferences, listeners, media
 * handed to programs, and what Asterisk makes while it moves a call from one channel to another.
 */
const TOOLS = new Set([
  'Announcer',
  'AsyncGoto',
  'AudioSocket',
  'Bridge',
  'CBAnn',
  'CBRec',
  'Message',
  'MulticastRTP',
  'Parking',
  'Recorder',
  'Snoop',
  'Surrogate',
  'UnicastRTP',
  'WebSocket',
]);

/** Reads a channel's name. */
export function readChannelName(name: string): ChannelName {
  const slash = name.indexOf('/');
  const technology = slash === -1 ? name : name.slice(0, slash);
  const endpoint = name.replace(/-[0-9a-f]+(?:;[12])?$/i, '');
  const half = technology === 'Local' ? name.at(-1) : undefined;
  const isHalf = name.at(-2) === ';' && (half === '1' || half === '2');
  return {
    endpoint,
    extension: slash === -1 ? endpoint : endpoint.slice(slash + 1),
    otherHalf: isHalf ? `${name.slice(0, -1)}${half === '1' ? '2' : '1'}` : null,
    isPerson: slash > 0 && technology !== 'Local' && !TOOLS.has(technology) && !/^DAHDI\/pseudo|<[A-Z]+>$/.test(name),
  };
}
