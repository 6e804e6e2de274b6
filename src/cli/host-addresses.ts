/** Whether the addresses that the settings bind to are of this machine. */
import { createSocket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import type { SettingsProblem } from '../config/load-settings.ts';
import { mediaAddresses } from '../config/rtp-settings.ts';
import { readSocketAddress, type Settings } from '../config/settings.ts';
import { sipListeners } from '../config/sip-listeners.ts';

/** The addresses that are not, each at the path of its setting. Ports are not tried: Brusio may be running. */
export async function hostAddressProblems(settings: Settings): Promise<readonly SettingsProblem[]> {
  const { sip, control, rtp, http } = settings;
  const { dialers, carriers } = mediaAddresses(rtp);
  const places: readonly (readonly [path: string, address: string])[] = [
    ...(control.drachtio === null ? sipListeners(sip.listen, null) : []).map(
      ({ address }) => ['sip.listen', address] as const,
    ),
    [rtp.dialers === null ? 'rtp.address' : 'rtp.dialers.address', dialers.bind],
    [rtp.carriers === null ? 'rtp.address' : 'rtp.carriers.address', carriers.bind],
    ['http.listen', readSocketAddress(http.listen)?.address ?? ''],
  ];
  const once = new Map(places.map(([path, address]) => [`${path} ${address}`, { path, address }]));
  const tried = await Promise.all(
    [...once.values()].map(async ({ path, address }) => ({ path, problem: await bindProblemOf(address) })),
  );
  return tried.flatMap(({ path, problem }) => (problem === null ? [] : [{ path, message: problem }]));
}

/** The system knows: some addresses are its own without standing at an interface, such as all of 127.0.0.0/8. */
function bindProblemOf(address: string): Promise<string | null> {
  return new Promise((resolve) => {
    const socket = createSocket({ type: isIPv6(address) ? 'udp6' : 'udp4', ipv6Only: isIPv6(address) });
    socket.once('error', (error: NodeJS.ErrnoException) => {
      socket.close();
      resolve(
        error.code === 'EADDRNOTAVAIL'
          ? `${address} is no address of this machine`
          : `${address} cannot be bound to: ${error.code ?? error.message}`,
      );
    });
    socket.bind(0, address, () => socket.close(() => resolve(null)));
  });
}
