/** What a server's transports have sent and received, as far as they count it: datagrams of those over UDP, bytes of all. */
import type { MultiplayerPeer } from '../../godot/index.ts';
import type { ENetServer } from '../../server/index.ts';
import { JoinedMultiplayerPeer } from '../../websocket/index.ts';
import type { FlowNumbers } from './Source.ts';

/** A transport, or nothing where there may be one. */
export type FlowSource = MultiplayerPeer | ENetServer | null | undefined;

/** The sums of all; `undefined` for what none of them counts. */
export function flowOf(transports: readonly FlowSource[]): FlowNumbers {
  const flows = transports.flatMap(partsOf);
  const sum = (name: keyof FlowNumbers): number | undefined =>
    flows.reduce<number | undefined>((total, { [name]: value }) => {
      return value === undefined ? total : (total ?? 0) + value;
    }, undefined);
  return {
    datagramsIn: sum('datagramsIn'),
    datagramsOut: sum('datagramsOut'),
    bytesIn: sum('bytesIn'),
    bytesOut: sum('bytesOut'),
  };
}

/** Of the numbers of one server or transport. */
export function flowOfMetrics(metrics: object): FlowNumbers {
  const counted: Partial<Counted> = metrics;
  return {
    datagramsIn: counted.datagramsReceived,
    datagramsOut: counted.datagramsSent,
    bytesIn: counted.datagramBytesReceived ?? counted.bytesReceived,
    bytesOut: counted.datagramBytesSent ?? counted.bytesSent,
  };
}

/** What is joined has no numbers of its own. */
function partsOf(transport: FlowSource): FlowNumbers[] {
  if (transport instanceof JoinedMultiplayerPeer) return transport.transports.flatMap(partsOf);
  const { ops } = (transport ?? {}) as { readonly ops?: { metrics(): object } };
  return ops === undefined ? [] : [flowOfMetrics(ops.metrics())];
}

/** The names that servers and transports have for it; those of datagrams where there are some. */
interface Counted {
  readonly datagramsReceived: number;
  readonly datagramsSent: number;
  readonly datagramBytesReceived: number;
  readonly datagramBytesSent: number;
  readonly bytesReceived: number;
  readonly bytesSent: number;
}
