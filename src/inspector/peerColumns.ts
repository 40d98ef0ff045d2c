/** Which columns a list of peers has. */
import type { PeerRow } from './protocol.ts';

/** The columns that some row has, in a steady order. */
export function columnsOf(rows: readonly PeerRow[]): (keyof PeerRow)[] {
  return PEER_COLUMNS.filter((name) => rows.some((row) => row[name] !== undefined));
}

const PEER_COLUMNS: readonly (keyof PeerRow)[] = [
  'peerId',
  'name',
  'state',
  'room',
  'address',
  'port',
  'transport',
  'class',
  'godot',
  'roundTripMs',
  'roundTripVarianceMs',
  'loss',
  'throttle',
  'queuedBytes',
  'bytesIn',
  'bytesOut',
  'packetsIn',
  'packetsOut',
  'callsIn',
  'callsOut',
  'seconds',
  'dtlsSuite',
  'data',
];
