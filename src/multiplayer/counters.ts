/** What a SceneMultiplayer counts by itself. */

/** The counters in `MultiplayerMetrics`, which says what each means. */
export interface MultiplayerCounters {
  authentications: number;
  authenticationFailures: number;
  packetsReceived: number;
  bytesReceived: number;
  packetsSent: number;
  bytesSent: number;
  packetsRelayed: number;
  bytesRelayed: number;
  callsReceived: number;
  callsRefused: number;
  callsSent: number;
  spawnsSent: number;
  despawnsSent: number;
  statesSent: number;
  statesReceived: number;
  handlerErrors: number;
}

/** All at 0. */
export function createCounters(): MultiplayerCounters {
  return {
    authentications: 0,
    authenticationFailures: 0,
    packetsReceived: 0,
    bytesReceived: 0,
    packetsSent: 0,
    bytesSent: 0,
    packetsRelayed: 0,
    bytesRelayed: 0,
    callsReceived: 0,
    callsRefused: 0,
    callsSent: 0,
    spawnsSent: 0,
    despawnsSent: 0,
    statesSent: 0,
    statesReceived: 0,
    handlerErrors: 0,
  };
}
