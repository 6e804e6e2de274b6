import { AppError } from '../../base/errors.ts';
import type { TransportProtocol } from '../transaction/hop.ts';

/** Why a listener cannot be opened: `sip.address-in-use`, `sip.address-not-available` or `sip.cannot-listen`. */
export function listenError(
  listen: { readonly address: string; readonly port: number },
  protocol: TransportProtocol,
  cause: Error,
): AppError {
  const systemCode = (cause as NodeJS.ErrnoException).code;
  const where = `${listen.address}:${listen.port}/${protocol}`;
  if (systemCode === 'EADDRINUSE') {
    return new AppError('sip.address-in-use', `SIP cannot listen on ${where}: the port is in use`, { cause });
  }
  if (systemCode === 'EADDRNOTAVAIL') {
    return new AppError('sip.address-not-available', `SIP cannot listen on ${where}: no such address on this machine`, {
      cause,
    });
  }
  return new AppError('sip.cannot-listen', `SIP cannot listen on ${where}: ${cause.message}`, { cause });
}
