/** The connection doctor: what `godot-enet/enet` exports of it. */
export { ConnectionDoctor, type DoctorOptions } from './ConnectionDoctor.ts';
export { type Diagnosis, DiagnosisCode, type HostKind } from './diagnosis.ts';
export { connectionDoctor, type HostDoctorOptions } from './forHost.ts';
