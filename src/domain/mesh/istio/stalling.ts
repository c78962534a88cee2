import type { Destination, Outbound } from '../mesh.ts';
import { portProtocol } from './protocol/port-protocol.ts';

/**
 * The client's proxy, too, waits for the client to speak where it must find out the protocol, or reads HTTP; undefined
 * where it waits for nothing.
 */
export function stalling({ service, serverFirst }: Destination): Pick<Outbound, 'stalls' | 'mayStall'> | undefined {
  if (service === undefined || serverFirst === undefined) return undefined;
  const { declared, why } = portProtocol(service.port);
  if (!serverFirst.known)
    return declared === 'AUTO'
      ? {
          mayStall: `${serverFirst.reason}; proxies detect its protocol, and one in which the server speaks first stalls. ${why}`,
        }
      : undefined;
  if (!serverFirst.value || (declared !== 'AUTO' && declared !== 'HTTP')) return undefined;
  return {
    stalls: `server-first protocol stalls: the client's proxy waits for bytes that the client does not send. ${why}`,
  };
}
