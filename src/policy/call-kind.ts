/**
 * What kind of call an INVITE is. Everything a dialer places is guarded unless it is declared otherwise, in a way its
 * settings allow: as manual, as an agreed callback, or as a transfer. How it was declared is kept with the outcome,
 * since a declaration takes a call out of the counts.
 */
import type { CallKind } from '../call/call-facts.ts';

/** A kind that is not guarded and that a dialer may declare. */
export const DECLARED_KINDS = ['manual', 'callback', 'transfer'] as const;

/** One of them. */
export type DeclaredKind = (typeof DECLARED_KINDS)[number];

/** How Brusio knows. */
export type KindSource = 'default' | 'header' | 'dialer' | 'caller-range' | 'carrier';

/** What the kind is read from. */
export type KindFacts = {
  readonly caller:
    | { readonly type: 'carrier' }
    /** `kind`: of everything this dialer places; `mayDeclare`: what it may say of a single call. */
    | { readonly type: 'dialer'; readonly kind: CallKind; readonly mayDeclare: readonly DeclaredKind[] };
  /** The INVITE's own word, or null. */
  readonly declared: string | null;
  /** The caller's number, E.164 where it could be placed. */
  readonly callerId: string;
  /** Caller numbers that place calls of one kind, by prefix. */
  readonly callerRanges: readonly { readonly prefix: string; readonly kind: DeclaredKind }[];
};

/** The kind, and how it is known. */
export type KnownKind = { readonly kind: CallKind; readonly source: KindSource };

/** Decides; pure and total. What a dialer may not declare is guarded. */
export function callKindOf({ caller, declared, callerId, callerRanges }: KindFacts): KnownKind {
  if (caller.type === 'carrier') return { kind: 'inbound', source: 'carrier' };
  if (declared?.toLowerCase() === 'guarded') return { kind: 'guarded', source: 'header' };
  const allowed = caller.mayDeclare.find((kind) => kind === declared?.toLowerCase());
  if (allowed !== undefined) return { kind: allowed, source: 'header' };
  if (caller.kind !== 'guarded') return { kind: caller.kind, source: 'dialer' };
  const range = longest(callerRanges.filter(({ prefix }) => callerId.startsWith(prefix)));
  return range === null ? { kind: 'guarded', source: 'default' } : { kind: range.kind, source: 'caller-range' };
}

/** The entry with the longest prefix; null when there is none. */
export function longest<T extends { readonly prefix: string }>(entries: readonly T[]): T | null {
  return entries.reduce<T | null>(
    (best, one) => (best === null || one.prefix.length > best.prefix.length ? one : best),
    null,
  );
}
