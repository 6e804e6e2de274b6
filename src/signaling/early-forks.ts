/**
 * The early dialogs of one INVITE to the carrier (RFC 3261 §12.1.2): a carrier that forks makes one for each telephone it
 * rings, told apart by their To tags. What is heard before the answer is the fork that described itself last.
 */
import type { PeerDescription } from './peer-description.ts';

/** The forks. */
export type EarlyForks = {
  /** A fork's answer to our offer, or its UPDATE; it is the one to be heard now. */
  described(tag: string, description: PeerDescription): void;
  /** An UPDATE changed the fork's description; who is heard stays. */
  updated(tag: string, description: PeerDescription): void;
  /** Its last description; null when it gave none, or is no fork of ours. */
  descriptionOf(tag: string): PeerDescription | null;
  /** Whether its description came by an UPDATE: a later copy of its first answer is older than that. */
  isUpdated(tag: string): boolean;
  /** 199 (RFC 6228): it is gone. Returns whether it was the one that is heard. */
  ended(tag: string): boolean;
  /** The fork that is heard; null when none described itself. */
  heard(): { readonly tag: string; readonly description: PeerDescription } | null;
};

/** Forks that are remembered; beyond it the one that was quiet longest is forgotten. */
export const FORKS_MAX = 16;

/** No fork yet. */
export function createEarlyForks(): EarlyForks {
  /** In the order in which they described themselves; the last one is heard. */
  const forks = new Map<string, { readonly description: PeerDescription; readonly isUpdated: boolean }>();

  return {
    described(tag, description) {
      forks.delete(tag);
      forks.set(tag, { description, isUpdated: false });
      const [oldest] = forks.keys();
      if (forks.size > FORKS_MAX && oldest !== undefined) forks.delete(oldest);
    },
    updated(tag, description) {
      if (forks.has(tag)) forks.set(tag, { description, isUpdated: true });
    },
    descriptionOf: (tag) => forks.get(tag)?.description ?? null,
    isUpdated: (tag) => forks.get(tag)?.isUpdated ?? false,
    ended(tag) {
      const wasHeard = heard()?.tag === tag;
      forks.delete(tag);
      return wasHeard;
    },
    heard,
  };

  function heard(): { readonly tag: string; readonly description: PeerDescription } | null {
    const last = [...forks].at(-1);
    return last === undefined ? null : { tag: last[0], description: last[1].description };
  }
}
