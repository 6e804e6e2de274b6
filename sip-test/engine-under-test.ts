/**
 * Which SIP engine the suite runs against, and where everything listens.
 *
 * Without settings: the embedded engine, on a loopback /24 of its own, so that two runs on one machine never meet.
 * With `BRUSIO_DRACHTIO`: a real drachtio-server, which listens for SIP at `SIP_TEST_TARGET`.
 */
import { isIP } from 'node:net';

/** Where a SIP or RTP end is. */
export type Endpoint = { readonly address: string; readonly port: number };

/** The two engines Brusio runs on. Tests name the engine where their answers differ; README.md lists these places. */
export type Engine = 'embedded' | 'drachtio-server';

/** The engine of this run. */
export const ENGINE: Engine = (process.env.BRUSIO_DRACHTIO ?? '') === '' ? 'embedded' : 'drachtio-server';

/** An address of this test file alone: 127.a.b.`host`, with a and b from the process id. */
export function loopback(host: number): string {
  return `127.${20 + ((process.pid >> 8) & 0x7f)}.${process.pid & 0xff}.${host}`;
}

/** Where dialers send their INVITEs. */
export const TARGET: Endpoint = targetOf(process.env.SIP_TEST_TARGET);

/** Where Brusio's carrier is: one URI in its settings, one SIPp at a time. */
export const CARRIER: Endpoint = { address: loopback(41), port: 5060 };

/** The dialer's address. */
export const DIALER_ADDRESS = loopback(31);

/** A dialer that a test leaves out of the allowed sources. */
export const STRANGER_ADDRESS = loopback(32);

/** Brusio's own address for RTP and HTTP. */
export const BRUSIO_ADDRESS = loopback(21);

/** The first and the last UDP port of Brusio's RTP. */
export const RTP_PORTS = '31000-31999';

function targetOf(text: string | undefined): Endpoint {
  if (text === undefined || text === '') {
    if (ENGINE === 'drachtio-server')
      throw new Error(`BRUSIO_DRACHTIO is set: SIP_TEST_TARGET must say where that server listens for SIP`);
    return { address: loopback(21), port: 5060 };
  }
  const [address = '', port = '5060'] = text.split(':');
  if (isIP(address) !== 4)
    throw new Error(`SIP_TEST_TARGET: expected an address:port such as 127.0.0.21:5060, not "${text}"`);
  return { address, port: Number(port) };
}
