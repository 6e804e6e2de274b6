/**
 * `a=crypto` (SDES, RFC 4568): the keys of SRTP within the description. What is not understood is refused attribute by
 * attribute, as §5.1.2 wants it: a mandatory session parameter, a master key identifier, several keys at once.
 */
import { randomOctets } from '../base/random.ts';
import { masterOctets, SRTP_SUITES, type SrtpKey, type SrtpKeys, type SrtpSuite } from '../call/srtp.ts';

/** One attribute. */
export type CryptoAttribute = { readonly tag: number; readonly key: SrtpKey };

/** Whether a peer's stream is protected: as it offers, and in clear where we offer; or always. */
export type SrtpMode = 'accept' | 'require';

/** RFC 4568 §9.2: `tag = 1*9DIGIT`. */
const ATTRIBUTE = /^a=crypto:(\d{1,9})\s+(\S+)\s+(\S+)(.*)$/;

/** §6.1: key and salt in base64, then perhaps a lifetime. Behind a second `|` stands a master key identifier. */
const KEY = /^inline:([A-Za-z0-9+/]+={0,2})(?:\|(2\^\d{1,2}|\d{1,15}))?$/;

/** A lifetime below this would be over within a call (six hours of the usual packets): we do not change keys by ourselves. */
const LIFETIME_PACKETS_MIN = 2 ** 20;

/** §6.3: of the session parameters the replay window's size is advice, and what begins with `-` may be passed over. */
const IGNORED_PARAMETER = /^(?:WSH=\d+|-.*)$/i;

/** More attributes than any peer has. */
const ATTRIBUTES_MAX = 16;

/** The usable attributes of each m-line of a description, in their order. */
export function cryptoAttributes(sdp: string): readonly (readonly CryptoAttribute[])[] {
  return sdp
    .split(/^m=/m)
    .slice(1)
    .map((section) =>
      section
        .split(/\r?\n/)
        .filter((line) => line.startsWith('a=crypto:'))
        .slice(0, ATTRIBUTES_MAX)
        .flatMap((line) => attributeOf(line) ?? []),
    );
}

/** Of what a peer offers, the one that we like best. */
export function chosenCrypto(offered: readonly CryptoAttribute[]): CryptoAttribute | null {
  const rank = ({ key }: CryptoAttribute) => SRTP_SUITES.indexOf(key.suite);
  return offered.toSorted((one, other) => rank(one) - rank(other))[0] ?? null;
}

/** The keys of a leg on which each side has said one attribute; null where the answer is to nothing that was offered. */
export function agreedKeys(
  offered: readonly CryptoAttribute[],
  answered: readonly CryptoAttribute[],
): { readonly ofOffer: SrtpKey; readonly ofAnswer: SrtpKey } | null {
  const [answer] = answered;
  const match = offered.find(({ tag, key }) => tag === answer?.tag && key.suite === answer.key.suite);
  return answer === undefined || match === undefined ? null : { ofOffer: match.key, ofAnswer: answer.key };
}

/** Our keys towards one peer: one for each suite, the same for the whole call, so that no offer of ours interrupts it. */
export type OwnKeys = {
  offer(inUse: SrtpKeys | undefined): readonly CryptoAttribute[];
  of(suite: SrtpSuite): SrtpKey;
};

/** Keys that are made when they are first needed. */
export function createOwnKeys(): OwnKeys {
  const keys = new Map<SrtpSuite, SrtpKey>();
  const of = (suite: SrtpSuite): SrtpKey => {
    const key = keys.get(suite) ?? { suite, master: randomOctets(masterOctets(suite)).toString('base64') };
    keys.set(suite, key);
    return key;
  };
  return {
    of,
    offer(inUse) {
      const first = inUse === undefined ? [] : [inUse.send.suite];
      return [...new Set([...first, ...SRTP_SUITES])].map((suite, index) => ({ tag: index + 1, key: of(suite) }));
    },
  };
}

function attributeOf(line: string): CryptoAttribute | null {
  const [, tag, suiteName, keyParameters = '', rest = ''] = ATTRIBUTE.exec(line.trim()) ?? [];
  const suite = SRTP_SUITES.find((one) => one === suiteName);
  const [, inline = '', lifetime] = KEY.exec(keyParameters) ?? [];
  if (suite === undefined || Buffer.from(inline, 'base64').length !== masterOctets(suite)) return null;
  if (packetsOf(lifetime) < LIFETIME_PACKETS_MIN) return null;
  const parameters = rest.trim() === '' ? [] : rest.trim().split(/\s+/);
  if (!parameters.every((one) => IGNORED_PARAMETER.test(one))) return null;
  return { tag: Number(tag), key: { suite, master: Buffer.from(inline, 'base64').toString('base64') } };
}

function packetsOf(lifetime: string | undefined): number {
  if (lifetime === undefined) return Number.POSITIVE_INFINITY;
  return lifetime.startsWith('2^') ? 2 ** Number(lifetime.slice(2)) : Number(lifetime);
}
