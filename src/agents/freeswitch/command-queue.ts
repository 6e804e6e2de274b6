/**
 * Commands to the event socket. The server answers each, in their order, and does nothing else meanwhile: so answers
 * need no name, and a long list of questions is asked a few at a time.
 */

/** What the server said to one command. */
export type Reply = { readonly ok: boolean; readonly text: string };

/** Takes one reply. */
export type OnReply = (reply: Reply) => void;

/** Commands without an answer; a server that owes more is lost. */
export const COMMANDS_MAX = 4_096;

/** Sends commands and hands each its reply. */
export class CommandQueue {
  readonly #send: (text: string) => void;
  readonly #waiting: OnReply[] = [];

  constructor(send: (text: string) => void) {
    this.#send = send;
  }

  /** @returns false when too many replies are owed: nothing was sent */
  send(command: string, onReply: OnReply): boolean {
    if (this.#waiting.length >= COMMANDS_MAX) return false;
    this.#waiting.push(onReply);
    this.#send(`${command}\n\n`);
    return true;
  }

  /** @returns false when nobody asked */
  replied(reply: Reply): boolean {
    const onReply = this.#waiting.shift();
    onReply?.(reply);
    return onReply !== undefined;
  }
}
