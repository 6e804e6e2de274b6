/**
 * Header names: one lower-case key for each header however it was written, and the name we write (RFC 3261 §7.3.1).
 */

/** Maps, since a peer may name its header `constructor`. Compact forms registered with IANA for SIP header fields (RFC 3261 §7.3.3 and later RFCs). */
const LONG_FORM: ReadonlyMap<string, string> = new Map(
  Object.entries({
    a: 'accept-contact',
    b: 'referred-by',
    c: 'content-type',
    d: 'request-disposition',
    e: 'content-encoding',
    f: 'from',
    i: 'call-id',
    j: 'reject-contact',
    k: 'supported',
    l: 'content-length',
    m: 'contact',
    n: 'identity-info',
    o: 'event',
    r: 'refer-to',
    s: 'subject',
    t: 'to',
    u: 'allow-events',
    v: 'via',
    x: 'session-expires',
    y: 'identity',
  }),
);

/** Names whose usual spelling is not one capital a word. */
const IRREGULAR: ReadonlyMap<string, string> = new Map(
  Object.entries({
    'call-id': 'Call-ID',
    cseq: 'CSeq',
    'www-authenticate': 'WWW-Authenticate',
    'mime-version': 'MIME-Version',
    rseq: 'RSeq',
    rack: 'RAck',
    'min-se': 'Min-SE',
    'sip-etag': 'SIP-ETag',
    'sip-if-match': 'SIP-If-Match',
    'user-to-user': 'User-to-User',
  }),
);

/** Spellings seen before, so that a usual name costs one look-up. Bounded: peers choose the names they send. */
const keys = new Map<string, string>();
const KEYS_REMEMBERED_MAX = 512;

/** The key of a header name as written: long form, lower case. */
export function headerKey(name: string): string {
  const known = keys.get(name);
  if (known !== undefined) return known;
  const lower = name.toLowerCase();
  const key = LONG_FORM.get(lower) ?? lower;
  if (keys.size < KEYS_REMEMBERED_MAX) keys.set(name, key);
  return key;
}

/** How a key is written when nobody spelled it for us: `p-asserted-identity` as `P-Asserted-Identity`. */
export function headerNameOf(key: string): string {
  return (
    IRREGULAR.get(key) ??
    key.replace(/(^|-)([a-z])/g, (_all, dash: string, letter: string) => dash + letter.toUpperCase())
  );
}

/**
 * The name under which an application's header goes out: each word capitalised unless it starts with `X-`, as
 * drachtio-server does (drachtio-srf lower-cases most names).
 */
export function capitalizedHeaderName(name: string): string {
  return /^x-/i.test(name) ? name : headerNameOf(headerKey(name));
}
