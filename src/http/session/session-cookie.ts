/** The cookie that carries a session (RFC 6265), and what a browser says of where a request comes from. Pure. */
import type { IncomingHttpHeaders } from 'node:http';

/**
 * The cookie's name on a port: a browser gives a host's cookies to all its ports, and several Brusios may be on one host.
 *
 * @param port that the request came to
 */
export function sessionCookieName(port: number): string {
  return `brusio_session_${port}`;
}

/** The session that a request names; null: none. */
export function sessionTokenOf({ cookie = '' }: IncomingHttpHeaders, port: number): string | null {
  const name = sessionCookieName(port);
  for (const pair of cookie.split(';')) {
    const [key = '', value = ''] = pair.trim().split('=', 2);
    if (key === name && /^[0-9a-f]{64}$/.test(value)) return value;
  }
  return null;
}

/**
 * `Set-Cookie` for a session: no script reads it, no other site's page sends it, and over TLS (a proxy in front says so) it
 * never goes without.
 *
 * @param maxAgeMs 0 takes it away
 */
export function sessionCookie(token: string, port: number, maxAgeMs: number, headers: IncomingHttpHeaders): string {
  const secure = headers['x-forwarded-proto'] === 'https' ? '; Secure' : '';
  const maxAgeS = Math.floor(maxAgeMs / 1000);
  return `${sessionCookieName(port)}=${token}; Path=/; Max-Age=${maxAgeS}; HttpOnly; SameSite=Strict${secure}`;
}

/**
 * Whether a page of ours asks, or the person at the address bar. `SameSite` takes all ports of a host for one site, so a page
 * of another program on this host is told apart here. A browser says it of addresses it trusts alone (TLS, loopback).
 */
export function isOwnPage(headers: IncomingHttpHeaders): boolean {
  const site = headers['sec-fetch-site'];
  return site === undefined || site === 'same-origin' || site === 'none';
}
