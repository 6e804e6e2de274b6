/**
 * What a peer says it would like of Opus (RFC 7587 §6.1): wishes of the one who decodes, so that they are told to whoever
 * encodes, which is the other peer. They are read one by one and written anew; what is not of RFC 7587 is left out.
 */

/** Parameter → least and greatest value. */
const RANGES: Readonly<Record<string, readonly [number, number]>> = {
  maxplaybackrate: [8_000, 48_000],
  'sprop-maxcapturerate': [8_000, 48_000],
  maxaveragebitrate: [6_000, 510_000],
  stereo: [0, 1],
  'sprop-stereo': [0, 1],
  cbr: [0, 1],
  useinbandfec: [0, 1],
  usedtx: [0, 1],
};

/** The parameters of an `a=fmtp`, as we write them; null where it has none that means anything. */
export function opusParameters(config: string): string | null {
  const read = new Map<string, number>();
  for (const part of config.split(';')) {
    const [name = '', value = ''] = part.split('=').map((text) => text.trim().toLowerCase());
    const range = Object.hasOwn(RANGES, name) ? RANGES[name] : undefined;
    if (range === undefined || !/^\d{1,6}$/.test(value)) continue;
    if (Number(value) >= range[0] && Number(value) <= range[1]) read.set(name, Number(value));
  }
  return read.size === 0 ? null : [...read].map(([name, value]) => `${name}=${value}`).join(';');
}
