/** What a channel variable of the PBX says of who answered: the words of its answering-machine detection. */
import type { Disposition } from '../call/call-facts.ts';

/** The variable and its words, as the settings give them; a word is compared without regard to case. */
export type DispositionVariable = {
  readonly variable: string;
  readonly human: readonly string[];
  readonly machine: readonly string[];
  readonly fax: readonly string[];
};

/** How the PBX knows, for the outcome: `AMDSTATUS=MACHINE`. */
export function methodOf({ variable }: DispositionVariable, value: string): string {
  return `${variable}=${value}`;
}

/** Who answered by this value, or null where the value says nothing of it (`NOTSURE`, `HANGUP`). */
export function answeredByValue(words: DispositionVariable, value: string): Disposition['answeredBy'] | null {
  const isOneOf = (all: readonly string[]) => all.some((word) => word.toLowerCase() === value.toLowerCase());
  if (isOneOf(words.machine)) return 'machine';
  if (isOneOf(words.fax)) return 'fax';
  return isOneOf(words.human) ? 'human' : null;
}
