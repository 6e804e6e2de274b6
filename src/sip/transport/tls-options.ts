/** The files of TLS, PEM; null for none. */
export type TlsFiles = {
  /** Our certificate, and those between it and a root, in this order. */
  readonly certificate: string | null;
  readonly key: string | null;
  /** Roots that peers' certificates lead to; null for those Node comes with. */
  readonly ca: string | null;
};

/** How TLS is spoken. */
export type TlsOptions = TlsFiles & {
  /** Whether peers that connect are asked for a certificate, and turned away without one. */
  readonly peerCertificate: 'none' | 'request' | 'require';
  /** Whether the certificate of a server we connect to has to be trusted and to name whom we call (RFC 5922 §7). */
  readonly verifyServer: boolean;
};

/** No certificate of ours; servers are verified against the roots that Node comes with. */
export const DEFAULT_TLS_OPTIONS: TlsOptions = {
  certificate: null,
  key: null,
  ca: null,
  peerCertificate: 'none',
  verifyServer: true,
};
