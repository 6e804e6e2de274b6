/** What of a peer's certificate says whom it was made for. */
export type CertificateNames = {
  /** As Node writes it: `DNS:example.org, URI:sip:example.org, IP Address:192.0.2.1`. */
  readonly subjectaltname?: string | undefined;
  /** Only looked at when there is no subjectAltName at all. */
  readonly subject?: { readonly CN?: string | readonly string[] | undefined } | undefined;
};

/**
 * Why a certificate is not that of the SIP domain (or address) that was called; null when it is (RFC 5922 §7.1, §7.2).
 *
 * SIP URIs of the subjectAltName count first, DNS names only when there is none of them, the common name only when there
 * is no subjectAltName. Wildcards never match (§7.2). An address is compared with the iPAddress entries.
 */
export function identityProblem(certificate: CertificateNames, called: string): string | null {
  const name = called.toLowerCase().replace(/\.$/, '');
  const names = namesOf(certificate);
  return names.includes(name) ? null : `the certificate is for ${names.join(', ') || 'nobody'}, not for ${name}`;
}

function namesOf({ subjectaltname, subject }: CertificateNames): readonly string[] {
  if (subjectaltname === undefined || subjectaltname === '') {
    const common = subject?.CN;
    return (common === undefined ? [] : [common].flat()).map((one) => one.toLowerCase());
  }
  const uris: string[] = [];
  const hosts: string[] = [];
  const addresses: string[] = [];
  for (const entry of entriesOf(subjectaltname)) {
    const [, kind = '', value = ''] = /^(DNS|URI|IP Address):(.*)$/.exec(entry) ?? [];
    if (kind === 'URI') {
      // A user part makes it somebody's address, not a domain's (RFC 5922 §7.1).
      const [, host] = /^sips?:([^@;?:]+)$/i.exec(value) ?? [];
      if (host !== undefined) uris.push(host.toLowerCase());
    } else if (kind === 'DNS') {
      hosts.push(value.toLowerCase());
    } else if (kind === 'IP Address') {
      addresses.push(shortAddress(value));
    }
  }
  return [...(uris.length > 0 ? uris : hosts), ...addresses];
}

/** Entries with odd characters come quoted, as JSON strings: none of them is a name we would call. */
function entriesOf(subjectaltname: string): readonly string[] {
  return subjectaltname
    .replace(/(?:DNS|URI|IP Address):"(?:[^"\\]|\\.)*"/g, '')
    .split(',')
    .map((entry) => entry.trim());
}

/** OpenSSL writes `0:0:0:0:0:0:0:1`; URIs say `::1`. */
function shortAddress(address: string): string {
  if (!address.includes(':')) return address;
  return new URL(`http://[${address}]/`).hostname.slice(1, -1);
}
