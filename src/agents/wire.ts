/** A connection to a PBX, whatever carries it. */

/** An open connection, or one that is being opened. */
export type Wire = {
  /** Written once the connection stands. Never throws. */
  send(text: string): void;
  /** Closes it for good; nothing is told any more. */
  close(): void;
};

/** What a wire tells; after `closed` nothing more. */
export type WireEvents = {
  opened(): void;
  received(data: Buffer | string): void;
  /** It could not be opened, or is gone: why, in words for an operator. */
  closed(problem: string): void;
};

/** Opens a wire; never throws. */
export type OpenWire = (events: WireEvents) => Wire;
