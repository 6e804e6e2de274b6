import { parameter } from './parameters.ts';

/** A SIP or SIPS URI taken apart (RFC 3261 §19.1); `parameters` and `headers` keep their `;` and `?`. */
export type SipUri = {
  readonly scheme: 'sip' | 'sips';
  readonly user: string | null;
  /** A name, an IPv4 address or an IPv6 address without its brackets. */
  readonly host: string;
  readonly port: number | null;
  readonly parameters: string;
  readonly headers: string;
};

/** The port a SIP URI without one means on UDP and TCP (RFC 3261 §19.1.2). */
export const DEFAULT_SIP_PORT = 5060;

const HOST_NAME = /^[a-z0-9]([a-z0-9._-]*[a-z0-9.])?$/i;
const IPV6_CHARACTERS = /^[0-9a-f:.]+$/i;

/** Whether a text can stand in a request line: some scheme, and nothing that would break the line (RFC 3986). */
export function isUri(text: string): boolean {
  return /^[a-z][a-z0-9+.-]*:[^\s<>"]+$/i.test(text);
}

/** Reads a SIP or SIPS URI; null for every other scheme and for what is none. */
export function parseSipUri(text: string): SipUri | null {
  if (/[\s<>]/.test(text)) return null;
  const colon = text.indexOf(':');
  const scheme = text.slice(0, Math.max(0, colon)).toLowerCase();
  if (scheme !== 'sip' && scheme !== 'sips') return null;
  // The user part may contain ; and ? (RFC 3261 §25.1), hence the @ first; none may stand in the parameters unescaped.
  const at = text.lastIndexOf('@');
  const hostAt = at < 0 ? colon + 1 : at + 1;
  const headersAt = text.indexOf('?', hostAt);
  const headersFrom = headersAt < 0 ? text.length : headersAt;
  const parametersAt = text.indexOf(';', hostAt);
  const hostEnd = parametersAt < 0 || parametersAt > headersFrom ? headersFrom : parametersAt;
  const hostPort = parseHostPort(text.slice(hostAt, hostEnd));
  if (hostPort === null) return null;
  return {
    scheme,
    user: at < 0 ? null : text.slice(colon + 1, at),
    host: hostPort.host,
    port: hostPort.port,
    parameters: text.slice(hostEnd, headersFrom),
    headers: text.slice(headersFrom),
  };
}

/** Reads `host`, `host:port`, `[v6]` or `[v6]:port`. */
export function parseHostPort(text: string): { readonly host: string; readonly port: number | null } | null {
  let host = text;
  let portText: string | null = null;
  if (text.startsWith('[')) {
    const close = text.indexOf(']');
    if (close < 0) return null;
    host = text.slice(1, close);
    if (!IPV6_CHARACTERS.test(host)) return null;
    const rest = text.slice(close + 1);
    if (rest !== '') {
      if (!rest.startsWith(':')) return null;
      portText = rest.slice(1);
    }
  } else {
    const colon = text.indexOf(':');
    if (colon >= 0) {
      host = text.slice(0, colon).trimEnd();
      portText = text.slice(colon + 1).trimStart();
    }
    if (!HOST_NAME.test(host)) return null;
  }
  if (portText === null) return { host, port: null };
  if (!/^\d{1,5}$/.test(portText)) return null;
  const port = Number(portText);
  return port >= 1 && port <= 65_535 ? { host, port } : null;
}

/** `host:port` with brackets around an IPv6 address. */
export function formatHostPort(host: string, port: number | null): string {
  const bracketed = host.includes(':') ? `[${host}]` : host;
  return port === null ? bracketed : `${bracketed}:${port}`;
}

/** The value of a URI parameter in lower case, as `transport` and `lr` are compared (RFC 3261 §19.1.4). */
export function uriParameter(uri: SipUri, name: string): string | undefined {
  return parameter(uri.parameters, name)?.toLowerCase();
}
