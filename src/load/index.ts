/** The types of bot scripts and of reports: what `godot-enet/load` exports. Re-exports only. */
export type { BotClass, BotFunction, LoadBot, LoadContext } from './bot.ts';
export type { LoadPlayer } from './players/LoadPlayer.ts';
export type { AnyPlayer } from './players/link.ts';
export type { ScenePlayer } from './players/ScenePlayer.ts';
export type { ServerPlayer } from './players/ServerPlayer.ts';
export type { Judgement } from './report/judgement.ts';
export type {
  GeneratorReport,
  LoadOutcome,
  LoadReport,
  LoadSample,
  Loss,
  PlayerCounts,
  ServerReport,
  StageReport,
  TrafficReport,
} from './report/report.ts';
export type { TimeSummary } from './statistics/histogram.ts';
export type { MeasureReport } from './statistics/measures.ts';
export type { Problem } from './statistics/problems.ts';
