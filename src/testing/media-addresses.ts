import type { MediaAddress, MediaNetwork } from '../call/media-network.ts';

/** Media addresses that nobody stands before: one for both networks, unless another is given for carriers. */
export function mediaAt(dialers: string, carriers = dialers): Readonly<Record<MediaNetwork, MediaAddress>> {
  const at = (address: string): MediaAddress => ({ bind: address, advertised: address });
  return { dialers: at(dialers), carriers: at(carriers) };
}
