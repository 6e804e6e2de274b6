/** A transport protocol of this engine; more may follow. */
export type TransportProtocol = 'udp';

/** The far end of one hop: where a message came from or goes to. `address` is an IP address without brackets. */
export type Hop = { readonly protocol: TransportProtocol; readonly address: string; readonly port: number };

/** Hands octets to the network; `failed` is called, never synchronously, when the system refuses them. */
export type SendOctets = (octets: Buffer, hop: Hop, failed: () => void) => void;
