/**
 * A stranger that sends what scanners send, as fast as it is told: `node bench/load/flooder.ts FROM TO PORT RATE`, until
 * it is ended. Prints how many datagrams it sent when its standard input closes.
 */
import { createSocket } from 'node:dgram';
import { systemClock } from '../../src/base/clock.ts';

const [from = '', to = '', port = '', rate = ''] = process.argv.slice(2);

/** Sent back to back before the next look at the clock. */
const BURST = 32;

/** Datagrams under way at once: what the system has not taken yet is not sent on top. */
const UNDER_WAY_MAX = 512;

function request(method: string, serial: number): string {
  return [
    `${method} sip:${100 + (serial % 900)}@${to} SIP/2.0`,
    `Via: SIP/2.0/UDP ${from}:5060;branch=z9hG4bK-${serial};rport`,
    'Max-Forwards: 70',
    `From: "sipvicious" <sip:100@1.1.1.1>;tag=${serial}`,
    `To: "sipvicious" <sip:100@1.1.1.1>`,
    `Call-ID: ${serial}`,
    `CSeq: 1 ${method}`,
    'Contact: <sip:100@127.0.1.1:5060>',
    'User-Agent: friendly-scanner',
    'Accept: application/sdp',
    'Content-Length: 0',
    '',
    '',
  ].join('\r\n');
}

/** Requests of every kind, a forged answer, an overlong line and noise. */
const JUNK: readonly Buffer[] = [
  ...['INVITE', 'REGISTER', 'OPTIONS', 'ACK', 'BYE', 'SUBSCRIBE'].map((method, serial) => request(method, serial)),
  request('INVITE', 7).replace(/^INVITE \S+ SIP\/2\.0/, 'SIP/2.0 200 OK'),
  `INVITE ${'x'.repeat(1_200)}`,
  '\0'.repeat(200),
  'GET / HTTP/1.1\r\nHost: x\r\n\r\n',
].map((text) => Buffer.from(text, 'latin1'));

const socket = createSocket('udp4');
socket.bind(0, from, () => {
  const startMs = systemClock.monotonicMs();
  let sent = 0;
  let underWay = 0;
  const done = () => void underWay--;
  const go = () => {
    const dueNow = Math.min(BURST, ((systemClock.monotonicMs() - startMs) / 1_000) * Number(rate) - sent);
    for (let left = dueNow; left > 0 && underWay < UNDER_WAY_MAX; left--) {
      underWay++;
      socket.send(JUNK[sent++ % JUNK.length] as Buffer, Number(port), to, done);
    }
    setImmediate(go);
  };
  go();
  process.stdin.resume();
  process.stdin.on('end', () => {
    process.stdout.write(`${sent} ${Math.round((sent * 1_000) / (systemClock.monotonicMs() - startMs))}\n`, () =>
      process.exit(0),
    );
  });
});
