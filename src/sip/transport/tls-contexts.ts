import { createSecureContext, type SecureContext } from 'node:tls';
import { describeError } from '../../base/errors.ts';
import { readTlsMaterial, type TlsMaterial } from './tls-material.ts';
import type { TlsFiles } from './tls-options.ts';

/** Older versions are broken (RFC 8996). */
export const TLS_VERSION_MIN = 'TLSv1.2';

/** What the certificates have become; a broken set changes nothing. */
export type TlsReload =
  | { readonly ok: true; readonly endsAtMs: number | null }
  | { readonly ok: false; readonly problems: readonly string[] };

/** The certificates in use, which may change while connections live. */
export type TlsContexts = {
  /** For connections from now on, both ways. */
  context(): SecureContext;
  material(): TlsMaterial;
  /** Reads the files again; what was in use stays in use when they cannot be used. */
  reload(): TlsReload;
  /** Called after every reload that changed something. */
  onChange(listener: () => void): void;
};

/** Contexts before any file is read: `reload` has to succeed once before they are used. */
export function createTlsContexts(files: TlsFiles): TlsContexts {
  let material: TlsMaterial = { endsAtMs: null };
  let context: SecureContext | null = null;
  const listeners: (() => void)[] = [];

  return {
    context: () => (context ??= createSecureContext({ minVersion: TLS_VERSION_MIN })),
    material: () => material,
    reload() {
      const read = readTlsMaterial(files);
      if (!read.ok) return { ok: false, problems: read.problem.map(({ file, message }) => `${file} ${message}`) };
      const { endsAtMs, ...pem } = read.value;
      try {
        context = createSecureContext({ ...pem, minVersion: TLS_VERSION_MIN });
      } catch (thrown) {
        return { ok: false, problems: [describeError(thrown)] };
      }
      material = read.value;
      for (const listener of listeners) listener();
      return { ok: true, endsAtMs };
    },
    onChange: (listener) => void listeners.push(listener),
  };
}
