/** What the runner needs of a PBX; `asterisk/` and `freeswitch/` implement it. */
import type { PlannedCall } from './planned-call.ts';

/** Callee and agent came together. */
export type Bridge = {
  /** Wall clock, ms, by the PBX's own stamp. */
  readonly at: number;
  /** The agent's id as Brusio must tell it. */
  readonly agent: string;
};

/** Where Brusio, the PBX and the telephones are; all on loopback. */
export type Places = { readonly brusio: string; readonly pbx: string; readonly phones: string };

/** A TCP port of the PBX that Brusio's source connects to, through the wire that may be cut. */
export type ControlPort = { readonly pbx: number; readonly wire: number };

/** One PBX that runs with a copy of its configuration. */
export type Pbx = {
  readonly version: string;
  /** Makes the call and arranges for its agent; what goes wrong shows in the verdict. */
  place(call: PlannedCall): void;
  /** Ends what is left of a call. */
  release(call: PlannedCall): void;
  /** What the PBX itself told, on a connection of the runner's own; null: nobody came. */
  bridgeOf(call: PlannedCall): Bridge | null;
  stop(): Promise<void>;
};

/** How a PBX is tried. */
export type Peer = {
  /** `freeswitch`, `asterisk-ari`, `asterisk-ami`. */
  readonly name: string;
  readonly ways: readonly string[];
  readonly control: ControlPort;
  /** How much later than its stamp an event may leave the server, by how it is made, ms. */
  readonly stampToWireMs: number;
  /** Brusio's entry in `agents.sources`, without its name, for a connection to the wire that leads to `pbx`. */
  source(wire: { readonly host: string; readonly port: number }, pbx: string): Readonly<Record<string, unknown>>;
  /** Starts it in an empty folder; Brusio runs already. */
  start(folder: string, places: Places): Promise<Pbx>;
};
