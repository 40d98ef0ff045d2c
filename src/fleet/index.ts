/** Servers that others start, watch and stop: what `godot-enet/fleet` exports. Re-exports only. */
export { AgonesError, AgonesErrorCode } from './AgonesError.ts';
export { type AgonesBusy, AgonesFleet, type AgonesFleetOptions } from './AgonesFleet.ts';
export { AGONES_SDK_DEFAULTS, AgonesSdk, type AgonesSdkOptions } from './AgonesSdk.ts';
export type { FleetClock } from './clock.ts';
export { type FleetHandlerOptions, type FleetStatus, fleetHandler } from './fleetHandler.ts';
export type { FleetCapacity, FleetReportOptions } from './fleetReport.ts';
export type { FleetPlayer, FleetServer } from './fleetServer.ts';
export type {
  AgonesCounter,
  AgonesCounterChange,
  AgonesGameServer,
  AgonesHealth,
  AgonesList,
  AgonesListChange,
} from './gameServer.ts';
