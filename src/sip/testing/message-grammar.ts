import type { Random } from '../../base/random.ts';

/**
 * Requests and responses made by the grammar of RFC 3261 §25 with its rare productions taken often: every spelling of
 * names, folding, white space, quoted pairs, escapes, IPv6, several values a line. Octet text.
 */
export function generateMessage(random: Random): string {
  const below = (limit: number) => Math.floor(random() * limit);
  const pick = <T>(values: readonly T[]): T => values[below(values.length)] as T;
  const maybe = (share: number, make: () => string) => (random() < share ? make() : '');
  const repeat = (min: number, max: number, make: () => string) =>
    Array.from({ length: min + below(max - min + 1) }, make);

  const TOKEN = "abcXYZ019-.!%*_+`'~";
  const token = () => repeat(1, 8, () => TOKEN[below(TOKEN.length)] as string).join('');
  const lws = () => (random() < 0.8 ? '' : pick([' ', '\t', '  ', '\r\n ', ' \r\n\t']));
  const escaped = () => `%${below(256).toString(16).padStart(2, '0')}`;
  const quotedPair = () => `\\${String.fromCharCode(pick([below(10), 0x0b, 0x0c, 0x0e + below(0x72)]))}`;
  const quoted = () =>
    `"${repeat(0, 6, () => pick([token(), ' ', quotedPair(), '<', '>', ',', ';', '\u00c3\u00a8'])).join('')}"`;
  const host = () =>
    pick(['10.0.0.1', '10.0.0.2', '10.0.0.9', 'example.com', 'a-b.example.', '[2001:db8::1]', '[::ffff:10.0.0.9]']);
  const port = () => maybe(0.4, () => `:${pick([5060, 1, 65_535, 5062])}`);
  const parameter = () =>
    `${lws()};${lws()}${token()}${maybe(0.6, () => `${lws()}=${lws()}${pick([token, quoted, host])()}`)}`;
  const user = () => repeat(1, 5, () => pick([token(), escaped(), '&', '=', '+', '$', ',', ';', '?', '/'])).join('');
  const uriParameter = () =>
    `;${pick(['lr', 'transport=udp', 'user=phone', 'maddr=10.0.0.9', `${token()}=${token()}`])}`;
  const sipUri = () =>
    `${pick(['sip', 'SIP', 'sips'])}:${maybe(0.8, () => `${user()}@`)}${host()}${port()}${repeat(0, 2, uriParameter).join('')}`;
  const uri = () =>
    pick([sipUri, sipUri, sipUri, () => `tel:+39${below(1e9)};phone-context=x`, () => 'http://h/x?y'])();
  const nameAddr = () =>
    random() < 0.3
      ? `${pick(['sip', 'tel'])}:${token()}${lws()}`
      : `${pick([quoted, () => `${token()} ${token()} `, () => ''])()}${lws()}<${uri()}>`;
  const party = (tagShare: number) =>
    `${nameAddr()}${maybe(tagShare, () => `;tag=${token()}`)}${maybe(0.3, parameter)}`;
  const via = () =>
    `SIP${lws()}/${lws()}2.0${lws()}/${lws()}${pick(['UDP', 'TCP', 'udp', token()])} ${lws()}${host()}${port()}${maybe(
      0.9,
      () => `;branch=${maybe(0.8, () => 'z9hG4bK')}${token()}`,
    )}${maybe(0.5, () => ';rport')}${maybe(0.3, parameter)}`;
  const list = (make: () => string, max: number) => repeat(1, max, make).join(`${lws()},${lws()}`);
  const spelled = (name: string) => pick([name, name.toLowerCase(), name.toUpperCase()]) + maybe(0.1, () => ' ');

  const method = pick(['INVITE', 'ACK', 'BYE', 'CANCEL', 'OPTIONS', 'UPDATE', 'PRACK', 'INFO', 'REGISTER', token()]);
  const isResponse = random() < 0.25;
  const startLine = isResponse
    ? `SIP/2.0 ${100 + below(600)} ${pick(['OK', '', 'Ri\u00c3\u00a8n', token()])}`
    : `${method} ${sipUri()} SIP/2.0`;
  const body = maybe(
    0.4,
    () => 'v=0\r\no=- 1 1 IN IP4 10.0.0.9\r\ns=-\r\nc=IN IP4 10.0.0.9\r\nt=0 0\r\nm=audio 4000 RTP/AVP 8\r\n',
  );
  const lines = [
    ...repeat(1, 3, () => `${spelled(pick(['Via', 'v']))}:${lws()}${list(via, 2)}`),
    `${spelled(pick(['From', 'f']))}: ${party(0.9)}`,
    `${spelled(pick(['To', 't']))}:${lws()}${party(0.3)}`,
    `${spelled(pick(['Call-ID', 'i']))}: ${token()}@${host()}`,
    `${spelled('CSeq')}: ${below(2 ** 31)}${pick([' ', '  ', '\r\n '])}${method}`,
    ...repeat(0, 1, () => `${spelled('Max-Forwards')}: ${below(256)}`),
    ...repeat(0, 2, () => `${spelled(pick(['Contact', 'm']))}: ${list(() => party(0), 2)}`),
    ...repeat(0, 2, () => `${spelled(pick(['Route', 'Record-Route']))}: ${list(() => `<${sipUri()}>`, 3)}`),
    ...repeat(
      0,
      1,
      () => `${spelled(pick(['Supported', 'k', 'Require', 'Allow', 'Reason', 'RAck', 'RSeq']))}: ${list(token, 4)}`,
    ),
    ...repeat(0, 1, () => `${spelled('Session-Expires')}: ${below(5_000)}${maybe(0.5, () => ';refresher=uac')}`),
    ...repeat(
      0,
      2,
      () =>
        `${pick([token(), token(), 'constructor', '__proto__'])}:${lws()}${repeat(0, 3, () => pick([token(), quoted(), ';', ',', ' '])).join('')}`,
    ),
  ];
  for (let left = lines.length; left > 1; left--) {
    const other = below(left);
    [lines[left - 1], lines[other]] = [lines[other] as string, lines[left - 1] as string];
  }
  if (body !== '') lines.push('Content-Type: application/sdp');
  if (random() < 0.8) lines.push(`${pick(['Content-Length', 'l'])}: ${body.length}`);
  return `${startLine}\r\n${lines.join('\r\n')}\r\n\r\n${body}`;
}
