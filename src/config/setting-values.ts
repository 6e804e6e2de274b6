/** Kinds of values that settings have, each with what is expected in words. */
import { isIP, isIPv6 } from 'node:net';
import { z } from 'zod';

/** An IPv4 or IPv6 address. */
export const ipLiteral = z.string().refine((text) => isIP(text) !== 0, { error: 'expected an IPv4 or IPv6 address' });

/** An address or a CIDR block. */
export const cidr = z
  .string()
  .refine(isCidr, { error: 'expected an address or a range, such as 192.0.2.10 or 192.0.2.0/24' });

function isCidr(text: string): boolean {
  const [address = '', prefix, ...rest] = text.split('/');
  const version = isIP(address);
  if (version === 0 || rest.length > 0) return false;
  return prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= (version === 4 ? 32 : 128));
}

/** A SIP header's name. */
export const headerName = z
  .string()
  .regex(/^[A-Za-z0-9!%*_+`'~.-]{1,64}$/, { error: 'expected a SIP header name (RFC 3261 §25.1 token)' });

/** What a person calls something. */
export const name = z.string().regex(/^[\w.-]{1,64}$/, { error: 'expected 1–64 letters, digits, ".", "_" or "-"' });

/** Where SIP goes. */
export const sipUri = z
  .string()
  .regex(/^sips?:[^\s<>]+$/i, { error: 'expected a URI such as sip:192.0.2.1:5060' })
  .refine((uri) => /^(?:udp|tcp|tls)$/i.test(/;transport=([^;?]*)/i.exec(uri)?.[1] ?? 'udp'), {
    error: 'its transport must be udp, tcp or tls',
  });

/** Calls a second; no limit is null. */
export const callsPerSecond = z.number().min(0.1).max(10_000).nullable().default(null);
/** Calls at once; no limit is null. */
export const callsAtOnce = z.int().min(1).max(20_000).nullable().default(null);

/** Whether a peer's media is taken from elsewhere than it says. */
export const behindNat = z
  .boolean()
  .default(false)
  .describe('its RTP may come from another address than its SDP names: it stands behind a NAT');

/** What may be dialled before a number. */
export const dialled = z.string().regex(/^[\d*#+]{0,16}$/, { error: 'expected up to 16 digits, "*", "#" or "+"' });

/** How a number begins. */
export const numberPrefix = z
  .string()
  .regex(/^\+?\d{0,15}$/, { error: 'expected the beginning of a number, such as +3902' });

/** What is wrong with an address that sockets are to bind to, whatever it is for; null: nothing. */
export function bindProblem(address: string): string | null {
  if (!isIPv6(address)) return null;
  if (/^fe[89ab]/i.test(address) && !address.includes('%'))
    return `a link-local address needs its zone, such as ${address}%eth0`;
  if (/^::ffff:/i.test(address)) return 'write it as the IPv4 address that it is';
  return null;
}
